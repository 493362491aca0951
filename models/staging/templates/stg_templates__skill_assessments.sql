-- grain: one skill of one user assessed once
with exported as (
    select * from {{ ref('base_templates__skill_assessments') }} where _row_status = 'accepted'
),

final as (
    select
        assessment_id,
        account_id,
        user_id,
        {{ lower_case('skill') }} as skill,
        {{ lower_case('skill_type') }} as skill_type,
        score,
        is_passed,
        assessed_date,
        _created_date as recorded_date
    from exported
)

select * from final
