-- grain: one customer, user, month-end and product family with use in the window that ends there; family `all`: any product
with usage_days as (
    select
        *,
        cast(extract(year from usage_date) * 12 + extract(month from usage_date) - 1 as integer) as usage_month_number
    from {{ ref('int_usage_days') }}
    where user_key is not null
),

families as (
    select * from {{ ref('int_usage_product_families') }}
),

features as (
    select * from {{ ref('int_feature_catalog') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

windows as (
    select * from {{ ref('int_usage_windows') }}
),

used as (
    select
        identity.customer_id,
        usage_days.user_key,
        windows.month_end,
        coalesce(families.product_family, features.product_family, 'any') as product_family,
        usage_days.usage_date,
        usage_days.event_count,
        case when features.tier = 'advanced' then usage_days.feature_key end as advanced_feature_key,
        case when features.tier = 'basic' then usage_days.feature_key end as basic_feature_key
    from usage_days
    inner join windows
        on
            usage_days.usage_month_number = windows.usage_month_number
            and usage_days.usage_date <= windows.snapshot_date
            and usage_days.usage_date >= windows.window_start_date
    inner join identity on usage_days.account_key = identity.account_key
    left join families on usage_days.product_key = families.product_key
    left join features on usage_days.feature_key = features.feature_key
),

by_product as (
    select
        customer_id,
        user_key,
        month_end,
        product_family,
        usage_date,
        advanced_feature_key,
        basic_feature_key,
        sum(event_count) as event_count
    from used
    group by customer_id, user_key, month_end, product_family, usage_date, advanced_feature_key, basic_feature_key
),

final as (
    select
        customer_id,
        user_key,
        month_end,
        case when grouping(product_family) = 1 then 'all' else product_family end as product_family,
        cast(count(distinct usage_date) as integer) as active_day_count,
        cast(count(distinct advanced_feature_key) as integer) as advanced_feature_count,
        cast(sum(case when advanced_feature_key is not null then event_count else 0 end) as bigint) as advanced_event_count,
        cast(count(distinct basic_feature_key) as integer) as basic_feature_count
    from by_product
    group by grouping sets (  -- noqa: PRS
        (customer_id, user_key, month_end),
        (customer_id, user_key, month_end, product_family)
    )
)

select * from final
