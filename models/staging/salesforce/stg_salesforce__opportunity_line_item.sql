-- grain: one product on an opportunity
with exported as (

    select * from {{ ref('base_salesforce__opportunity_line_item') }}

),

final as (

    select
        id as opportunity_line_item_id,
        opportunity_id,
        product_2_id as product_id,
        product_code,
        quantity,
        {{ round_amount('cast(list_price as decimal(28, 6)) * coalesce(quantity, 1)') }} as list_amount,
        cast(discount / 100 as decimal(18, 6)) as discount_share,
        coalesce(term_months_c, term_months__c) as term_months,
        coalesce(is_bundled_c, is_bundled__c) as is_bundled,
        coalesce(is_compulsory_c, is_compulsory__c) as is_compulsory,
        coalesce(total_price, cast(quantity * unit_price as decimal(18, 6))) as total_amount,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
