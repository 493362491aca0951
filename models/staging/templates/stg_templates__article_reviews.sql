-- grain: one review of a knowledge article
with exported as (
    select * from {{ ref('base_templates__article_reviews') }} where _row_status = 'accepted'
),

final as (
    select
        article_id,
        reviewed_at,
        criteria_checked as checked_count,
        criteria_met as met_count,
        _created_date as recorded_date
    from exported
)

select * from final
