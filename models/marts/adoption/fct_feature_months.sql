-- grain: one product feature and month-end
with family_months as (
    select * from {{ ref('fct_product_family_months') }} where mrr_amount > 0
),

months as (
    select * from {{ ref('int_months') }}
),

feeds as (
    select * from {{ ref('int_usage_feeds') }}
),

features as (
    select * from {{ ref('int_feature_catalog') }} where product_family is not null
),

feature_months as (
    select * from {{ ref('int_feature_months') }}
),

-- Customers that hold the product, as far as their use is measured.
entitled as (
    select family_months.customer_id, family_months.product_family, family_months.month_end, family_months.is_provisional
    from family_months
    inner join months on family_months.month_end = months.month_end
    inner join feeds
        on
            family_months.customer_id = feeds.customer_id
            and family_months.product_family = feeds.product_family
            and feeds.tracked_from_date <= {{ add_days('months.snapshot_date', 1 - var('adoption_window_days')) }}
            and feeds.tracked_until_date >= {{ add_days('months.snapshot_date', -7) }}
),

holders as (
    select product_family, month_end, is_provisional, count(*) as customer_count
    from entitled
    group by product_family, month_end, is_provisional
),

users as (
    select features.feature_key, entitled.month_end, count(*) as customer_count
    from entitled
    inner join features on entitled.product_family = features.product_family
    inner join feature_months
        on
            entitled.customer_id = feature_months.customer_id
            and entitled.month_end = feature_months.month_end
            and features.feature_key = feature_months.feature_key
    group by features.feature_key, entitled.month_end
),

final as (
    select
        features.feature_key,
        holders.month_end,
        features.feature_name,
        features.product_family,
        features.tier,
        cast(holders.customer_count as integer) as entitled_customer_count,
        cast(coalesce(users.customer_count, 0) as integer) as using_customer_count,
        holders.is_provisional
    from features
    inner join holders on features.product_family = holders.product_family
    left join users on features.feature_key = users.feature_key and holders.month_end = users.month_end
)

select * from final
