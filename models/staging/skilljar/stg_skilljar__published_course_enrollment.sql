-- grain: one learner enrolled in one published course
with exported as (
    select * from {{ ref('base_skilljar__published_course_enrollment') }} where _row_status = 'accepted'
),

final as (
    select
        id as enrollment_id,
        user_id as learner_id,
        published_course_id as course_id,
        completed_at,
        certificate_issued_at,
        _created_date as recorded_date
    from exported
)

select * from final
