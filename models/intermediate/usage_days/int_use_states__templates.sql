-- grain: one day of which the templates tell use
{{ config(enabled='templates' in var('systems')) }}

with used as (
    select * from {{ ref('int_used__templates') }}
),

final as (
    select usage_date, {{ day_content('account_id, user_id, product_id, feature_id, event_count, recorded_date') }} as _load
    from used
    group by usage_date
)

select * from final
