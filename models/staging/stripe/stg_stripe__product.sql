-- grain: one Stripe product
with products as (

    select * from {{ ref('base_stripe__product') }}

),

final as (

    select
        id as product_id,
        name as product_name,
        {{ json_text('metadata', 'product_family') }} as product_family,
        lower({{ json_text('metadata', 'offer_type') }}) as offer_type,
        lower({{ json_text('metadata', 'licence_model') }}) as licence_model,
        {{ try_cast_as(json_text('metadata', 'tier_rank'), 'integer') }} as tier_rank,
        coalesce({{ json_text('metadata', 'unit_of_measure') }}, unit_label) as unit_of_measure,
        coalesce(livemode, true) as is_live,
        _created_date as recorded_date
    from products
    where _row_status = 'accepted'

)

select * from final
