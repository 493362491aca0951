-- grain: one product
with exported as (

    select * from {{ ref('base_salesforce__product_2') }}

),

final as (

    select
        id as product_id,
        name as product_name,
        family as product_family,
        quantity_unit_of_measure as unit_of_measure,
        coalesce(offer_type_c, offer_type__c) as offer_type_raw,
        coalesce(licence_model_c, licence_model__c) as licence_model_raw,
        cast(coalesce(tier_rank_c, tier_rank__c) as integer) as tier_rank,
        lower(replace(replace(coalesce(sbqq_charge_type_c, sbqq__charge_type__c), ' ', '_'), '-', '_')) as charge_type,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
