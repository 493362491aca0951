-- grain: one product on an opportunity
with exported as (

    select * from {{ ref('base_salesforce__opportunity_line_item') }}

),

final as (

    select
        id as opportunity_line_item_id,
        opportunity_id,
        product_2_id as product_id,
        quantity,
        coalesce(total_price, cast(quantity * unit_price as decimal(18, 6))) as total_amount,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
