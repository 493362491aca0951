-- grain: one service offer
with exported as (
    select * from {{ ref('base_templates__service_offers') }} where _row_status = 'accepted'
),

final as (
    select
        offer_id,
        offer_name,
        product_id,
        {{ lower_case('product_system') }} as product_system,
        lower(replace(replace(service_line, ' ', '_'), '-', '_')) as service_line,
        coalesce(is_paid, true) as is_paid,
        coalesce(is_attachable_standard, false) as is_attachable_standard,
        service_level_rank,
        list_annual_amount,
        upper(currency) as currency,
        manager_id,
        is_manager_dedicated,
        has_description,
        has_price,
        has_deliverables,
        has_value_statement,
        is_guided,
        coalesce(is_bundle, false) as is_bundle,
        coalesce(is_custom, false) as is_custom,
        created_date,
        launched_date,
        retired_date,
        changed_date,
        _created_date as recorded_date
    from exported
)

select * from final
