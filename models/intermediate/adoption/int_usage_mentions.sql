-- grain: one system, product and feature that use names
with usage_days as (
    select * from {{ ref('int_usage_days') }}
),

final as (
    select
        system,
        product_key,
        feature_key,
        cast(max(case when user_key is not null then 1 else 0 end) = 1 as boolean) as is_by_user
    from usage_days
    group by system, product_key, feature_key
)

select * from final
