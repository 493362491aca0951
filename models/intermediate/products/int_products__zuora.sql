-- grain: one Zuora product
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

-- Products deleted from the catalogue stay: contracts and invoices of the past still name them.
with products as (
    select * from {{ ref('stg_zuora__product') }}
),

final as (
    select
        'zuora:' || product_id as product_key,
        'zuora' as system,
        product_id,
        product_name,
        coalesce(product_family, product_name, product_id) as product_family,
        case
            when offer_type is null then 'product'
            when offer_type in ('product', 'maintenance', 'support', 'success', 'education', 'professional_services') then offer_type
            else 'other'
        end as offer_type,
        case when licence_model in ('subscription', 'perpetual') then licence_model end as licence_model,
        cast(tier_rank as integer) as tier_rank,
        -- Zuora measures charges, not products.
        cast(null as {{ dbt.type_string() }}) as unit_of_measure,
        recorded_date
    from products
)

select * from final
