-- grain: one customer, product feature and month-end with use in the window that ends there
with usage_days as (
    select
        *,
        cast(extract(year from usage_date) * 12 + extract(month from usage_date) - 1 as integer) as usage_month_number
    from {{ ref('int_usage_days') }}
    where feature_key is not null
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

windows as (
    select * from {{ ref('int_usage_windows') }}
),

final as (
    select
        identity.customer_id,
        usage_days.feature_key,
        windows.month_end,
        cast(sum(usage_days.event_count) as bigint) as event_count
    from usage_days
    inner join windows
        on
            usage_days.usage_month_number = windows.usage_month_number
            and usage_days.usage_date <= windows.snapshot_date
            and usage_days.usage_date >= windows.window_start_date
    inner join identity on usage_days.account_key = identity.account_key
    group by identity.customer_id, usage_days.feature_key, windows.month_end
)

select * from final
