-- grain: one judgement of the company on one of its practices
with exported as (
    select * from {{ ref('base_templates__practice_assessments') }} where _row_status = 'accepted'
),

final as (
    select
        practice as practice_words,
        assessed_date,
        is_practised,
        _created_date as recorded_date
    from exported
)

select * from final
