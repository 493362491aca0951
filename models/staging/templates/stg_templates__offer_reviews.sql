-- grain: one review of a service offer
with exported as (
    select * from {{ ref('base_templates__offer_reviews') }} where _row_status = 'accepted'
),

final as (
    select
        review_id,
        offer_id,
        review_date,
        lower(replace(replace(review_kind, ' ', '_'), '-', '_')) as review_kind,
        region,
        _created_date as recorded_date
    from exported
)

select * from final
