-- grain: one service offer, of the service_offers template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__service_offers') }}
),

final as (
    select
        offer_id,
        'templates' as system,
        offer_name,
        coalesce(product_system, 'templates') || ':' || product_id as product_key,
        product_id,
        service_line,
        is_paid,
        is_attachable_standard,
        service_level_rank,
        list_annual_amount,
        currency,
        manager_id,
        is_manager_dedicated,
        has_description,
        has_price,
        has_deliverables,
        has_value_statement,
        is_guided,
        is_bundle,
        is_custom,
        created_date,
        launched_date,
        retired_date,
        changed_date,
        recorded_date
    from exported
)

select * from final
