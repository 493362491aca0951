-- grain: one attempt of one learner at one assessment
with exported as (
    select * from {{ ref('base_thought_industries__assessment_attempts') }} where _row_status = 'accepted'
),

final as (
    select
        user_id as learner_id,
        assessment_id,
        {{ lower_case('assessment_title') }} as assessment_title,
        grade,
        passed as is_passed,
        {{ lower_case('status') }} as attempt_status,
        created_at as attempted_at,
        _created_date as recorded_date
    from exported
)

select * from final
