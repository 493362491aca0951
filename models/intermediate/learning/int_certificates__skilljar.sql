-- grain: one certificate for a course of Skilljar
{{ config(enabled='skilljar' in var('systems')) }}

with enrollments as (
    select * from {{ ref('stg_skilljar__published_course_enrollment') }} where certificate_issued_at is not null
),

users as (
    select * from {{ ref('stg_skilljar__user') }}
),

final as (
    select
        'skilljar:' || enrollments.enrollment_id as certificate_key,
        'skilljar' as system,
        'skilljar:' || users.account_id as account_key,
        {{ hashed_key("'skilljar:' || enrollments.learner_id") }} as learner_key,
        {{ reporting_date('enrollments.certificate_issued_at') }} as issued_date,
        cast(null as date) as expires_date,
        {{ reporting_date('enrollments.certificate_issued_at') }} as recorded_date
    from enrollments
    left join users on enrollments.learner_id = users.learner_id
)

select * from final
