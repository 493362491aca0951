-- grain: one need for services found in a deal
with exported as (
    select * from {{ ref('base_templates__deal_needs') }} where _row_status = 'accepted'
),

final as (
    select
        need_id,
        opportunity_id,
        identified_date,
        matched_date,
        _created_date as recorded_date
    from exported
)

select * from final
