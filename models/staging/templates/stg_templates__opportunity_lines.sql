-- grain: one product or service on an opportunity
with exported as (
    select * from {{ ref('base_templates__opportunity_lines') }} where _row_status = 'accepted'
),

final as (
    select
        opportunity_line_id,
        opportunity_id,
        product_id,
        offer_id,
        quantity,
        list_amount,
        net_amount,
        term_months,
        upper(currency) as currency,
        is_bundled,
        is_compulsory,
        has_product_discount,
        _created_date as recorded_date
    from exported
)

select * from final
