-- grain: one product or application that usage, features or seats name
with mentions as (
    select * from {{ ref('int_usage_mentions') }}
),

features as (
    select * from {{ ref('int_product_features') }}
),

seats as (
    select * from {{ ref('int_seat_assignments') }}
),

sold as (
    select * from {{ ref('int_product_catalog') }}
),

mapped as (
    select concat(system, ':', product_id) as product_key, product_family from {{ ref('usage_products') }}
),

named as (
    select distinct product_key, system from mentions where product_key is not null
    union
    select distinct product_key, system from features where product_key is not null
    union
    select distinct product_key, system from seats
),

final as (
    select
        named.product_key,
        named.system,
        -- What a company sells under the same id needs no mapping.
        coalesce(mapped.product_family, sold.product_family) as product_family
    from named
    left join mapped on named.product_key = mapped.product_key
    left join sold on named.product_key = sold.product_key
)

select * from final
