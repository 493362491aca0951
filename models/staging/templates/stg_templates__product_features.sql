-- grain: one feature
with exported as (

    select * from {{ ref('base_templates__product_features') }}

),

final as (

    select
        feature_id,
        feature_name,
        product_id,
        lower(tier) as tier,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
