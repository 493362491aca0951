-- grain: one logged churn event of a RavenStack account
{{ config(enabled='ravenstack' in var('systems')) }}

with churn_events as (
    select * from {{ ref('stg_ravenstack__churn_events') }}
),

final as (
    select
        'ravenstack:' || churn_event_id as loss_reason_id,
        'ravenstack' as system,
        'ravenstack:' || account_id as account_key,
        -- The event names the account only.
        cast(null as {{ dbt.type_string() }}) as contract_key,
        churn_date as reason_date,
        'billing_cancel' as reason_source,
        {{ reason_key('reason_code') }} as reason_key,
        recorded_date
    from churn_events
    where reason_code is not null
)

select * from final
