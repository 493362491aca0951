-- grain: one product, plan or service offer of one system
with products as (
    select * from {{ ref('int_product_catalog') }}
),

final as (
    select product_key, system, product_id, product_name, product_family, offer_type, licence_model, tier_rank, unit_of_measure
    from products
)

select * from final
