-- grain: one product of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with products as (

    select * from {{ ref('stg_templates__products') }}

),

final as (

    select
        'templates:' || product_id as product_key,
        'templates' as system,
        product_id,
        product_name,
        product_family,
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

)

select * from final
