-- grain: one Zuora product
with products as (
    select * from {{ ref('base_zuora__product') }} where _row_status = 'accepted'
),

final as (
    select
        id as product_id,
        name as product_name,
        sku,
        product_family_c as product_family,
        lower(replace(replace(trim(offer_type_c), ' ', '_'), '-', '_')) as offer_type,
        lower(licence_model_c) as licence_model,
        tier_rank_c as tier_rank,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from products
)

select * from final
