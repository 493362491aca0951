-- grain: one day of which Pendo tells use
{{ config(enabled='pendo' in var('systems')) }}

with used as (
    select * from {{ ref('int_used__pendo') }}
),

final as (
    select usage_date, {{ day_content('account_id, visitor_id, app_id, feature_id, event_count') }} as _load
    from used
    group by usage_date
)

select * from final
