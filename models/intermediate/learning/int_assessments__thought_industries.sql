-- grain: one attempt of one learner at one assessment
{{ config(enabled='thought_industries' in var('systems')) }}

with attempts as (
    select *
    from {{ ref('stg_thought_industries__assessment_attempts') }}
    where grade is not null or is_passed is not null
),

users as (
    select * from {{ ref('stg_thought_industries__users') }}
),

skills as (
    select * from {{ ref('assessment_skills') }}
),

-- What was begun and not handed in has no result.
final as (
    select
        concat(
            'thought_industries:', attempts.assessment_id, ':',
            cast(attempts.attempted_at as {{ dbt.type_string() }}), ':',
            {{ hashed_key("'thought_industries:' || attempts.learner_id") }}
        ) as assessment_key,
        'thought_industries' as system,
        'thought_industries:' || users.account_id as account_key,
        {{ hashed_key("'thought_industries:' || attempts.learner_id") }} as learner_key,
        'thought_industries:' || attempts.assessment_id as skill_key,
        skills.skill_type,
        attempts.grade as score,
        coalesce(attempts.is_passed, attempts.grade >= {{ var('proficiency_pass_score') }}) as is_passed,
        attempts.attempted_at as assessed_at,
        {{ reporting_date('attempts.attempted_at') }} as assessed_date,
        attempts.recorded_date
    from attempts
    left join users on attempts.learner_id = users.learner_id
    left join skills on attempts.assessment_title = skills.assessment_words
    where coalesce(attempts.attempt_status, 'completed') not in ('started', 'in_progress', 'in-progress', 'inprogress')
)

select * from final
