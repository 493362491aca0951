-- grain: one live Stripe product
{{ config(enabled='stripe' in var('systems'), materialized='view') }}

with products as (

    select * from {{ ref('stg_stripe__product') }}

),

final as (

    select
        'stripe:' || product_id as product_key,
        'stripe' as system,
        product_id,
        coalesce(product_name, product_id) as product_name,
        coalesce(product_family, product_name, product_id) as product_family,
        case
            when offer_type is null then 'product'
            when offer_type in ('product', 'maintenance', 'support', 'success', 'education', 'professional_services') then offer_type
            else 'other'
        end as offer_type,
        case when licence_model in ('subscription', 'perpetual') then licence_model end as licence_model,
        tier_rank,
        unit_of_measure,
        recorded_date
    from products
    where is_live

)

select * from final
