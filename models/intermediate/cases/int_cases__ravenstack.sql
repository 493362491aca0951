-- grain: one RavenStack support ticket
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with tickets as (
    select * from {{ ref('stg_ravenstack__support_tickets') }}
),

final as (
    select
        'ravenstack:' || ticket_id as case_key,
        'ravenstack' as system,
        ticket_id as case_id,
        'ravenstack:' || account_id as account_key,
        submitted_at as created_at,
        closed_at,
        closed_at is not null as is_closed,
        -- Neither a history nor comments, tags or reasons are exported.
        cast(null as bigint) as reopen_count,
        cast(null as timestamp) as first_reply_at,
        first_response_minutes as first_reply_minutes,
        case when first_response_minutes is not null then 'calendar' end as first_reply_basis,
        cast(round(resolution_hours * 60) as bigint) as resolution_minutes,
        case when resolution_hours is not null then 'calendar' end as resolution_basis,
        case when closed_at is null then 'open' else 'closed' end as case_status,
        lower(priority) as severity,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as first_reason,
        cast(null as {{ dbt.type_string() }}) as final_reason,
        cast(null as boolean) as is_preventable,
        cast(null as {{ dbt.type_string() }}) as unmapped_reason_key,
        cast(null as {{ dbt.type_string() }}) as topic,
        cast(null as {{ dbt.type_string() }}) as product_name,
        cast(null as {{ dbt.type_string() }}) as product_family,
        cast(null as {{ dbt.type_string() }}) as release_name,
        cast(null as {{ dbt.type_string() }}) as cause,
        cast(null as boolean) as has_problem,
        true as is_in_scope,
        cast(null as {{ dbt.type_string() }}) as exclusion_reason,
        cast(null as bigint) as agent_touch_count,
        cast(null as bigint) as system_touch_count,
        cast(null as bigint) as reply_count,
        cast(null as boolean) as is_automated,
        cast(null as decimal(18, 6)) as handle_minutes,
        'support' as handle_role,
        -- Four and five of five are satisfied.
        satisfaction_score >= 4 as is_satisfied,
        case when satisfaction_score is not null then {{ reporting_date('closed_at') }} end as rated_date,
        cast(null as {{ dbt.type_string() }}) as sentiment,
        recorded_date
    from tickets
)

select * from final
