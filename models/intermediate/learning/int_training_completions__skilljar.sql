-- grain: one course of Skilljar completed by one learner
{{ config(enabled='skilljar' in var('systems')) }}

with enrollments as (
    select * from {{ ref('stg_skilljar__published_course_enrollment') }} where completed_at is not null
),

users as (
    select * from {{ ref('stg_skilljar__user') }}
),

final as (
    select
        'skilljar:' || enrollments.enrollment_id as completion_key,
        'skilljar' as system,
        'skilljar:' || users.account_id as account_key,
        {{ hashed_key("'skilljar:' || enrollments.learner_id") }} as learner_key,
        'self_paced' as mode,
        {{ reporting_date('enrollments.completed_at') }} as completed_date,
        cast(null as decimal(18, 6)) as rating,
        {{ reporting_date('enrollments.completed_at') }} as recorded_date
    from enrollments
    left join users on enrollments.learner_id = users.learner_id
)

select * from final
