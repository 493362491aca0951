-- grain: one product of one system that a service offer is sold as
with offers as (
    select * from {{ ref('int_service_offers') }}
),

products as (
    select * from {{ ref('int_product_catalog') }}
),

-- The product the catalogue names; else products of the very name of the offer, as every system numbers its products anew.
named as (
    select products.product_key, min(offers.offer_id) as offer_id
    from offers
    inner join products on offers.product_key = products.product_key
    group by products.product_key
),

of_the_name as (
    select products.product_key, min(offers.offer_id) as offer_id
    from offers
    inner join products on {{ lower_case(trimmed('offers.offer_name')) }} = {{ lower_case(trimmed('products.product_name')) }}
    group by products.product_key
    having count(distinct offers.offer_id) = 1
),

final as (
    select
        products.product_key,
        coalesce(named.offer_id, of_the_name.offer_id) as offer_id
    from products
    left join named on products.product_key = named.product_key
    left join of_the_name on products.product_key = of_the_name.product_key
    where named.offer_id is not null or of_the_name.offer_id is not null
)

select * from final
