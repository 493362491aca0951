-- grain: one account and day with use
with usage_days as (
    select * from {{ ref('int_usage_days') }}
),

final as (
    select account_key, usage_date
    from usage_days
    group by account_key, usage_date
)

select * from final
