-- grain: one line of a quote of Salesforce CPQ
with exported as (
    select * from {{ ref('base_salesforce__sbqq_quoteline_c') }} where _row_status = 'accepted'
),

final as (
    select
        id as quote_line_id,
        coalesce(sbqq_quote_c, sbqq__quote__c) as quote_id,
        coalesce(sbqq_product_c, sbqq__product__c) as product_id,
        coalesce(sbqq_quantity_c, sbqq__quantity__c) as quantity,
        coalesce(
            sbqq_list_total_c,
            sbqq__list_total__c,
            coalesce(sbqq_list_price_c, sbqq__list_price__c) * coalesce(sbqq_quantity_c, sbqq__quantity__c)
        ) as list_amount,
        coalesce(sbqq_net_total_c, sbqq__net_total__c) as net_amount,
        coalesce(is_outcome_bundle_c, is_outcome_bundle__c) as is_bundle,
        coalesce(is_custom_c, is_custom__c) as is_custom,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
)

select * from final
