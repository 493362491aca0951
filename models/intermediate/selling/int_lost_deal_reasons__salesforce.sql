-- grain: one lost Salesforce opportunity with a reason
{{ config(enabled='salesforce' in var('systems')) }}

with opportunities as (
    select * from {{ ref('stg_salesforce__opportunity') }}
),

final as (
    select
        'salesforce:' || opportunity_id as opportunity_key,
        'salesforce' as system,
        {{ reason_key('loss_reason') }} as reason_key,
        recorded_date
    from opportunities
    where not is_deleted and is_closed and not is_won and loss_reason is not null
)

select * from final
