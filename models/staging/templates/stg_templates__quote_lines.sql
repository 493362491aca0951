-- grain: one line of a quote
with exported as (
    select * from {{ ref('base_templates__quote_lines') }} where _row_status = 'accepted'
),

final as (
    select
        quote_line_id,
        quote_id,
        product_id,
        offer_id,
        quantity,
        list_amount,
        net_amount,
        is_custom,
        is_bundle,
        _created_date as recorded_date
    from exported
)

select * from final
