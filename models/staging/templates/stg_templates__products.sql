-- grain: one product
with exported as (

    select * from {{ ref('base_templates__products') }}

),

final as (

    select
        product_id,
        product_name,
        product_family,
        lower(replace(replace(offer_type, ' ', '_'), '-', '_')) as offer_type,
        lower(replace(replace(licence_model, ' ', '_'), '-', '_')) as licence_model,
        cast(tier_rank as integer) as tier_rank,
        unit_of_measure,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
