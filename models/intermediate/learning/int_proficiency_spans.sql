-- grain: one user of the product, thing it has learnt or was given, and occasion, with the days for which it counts
with learners as (
    select * from {{ ref('int_learners') }}
),

completions as (
    select * from {{ ref('int_training_completions') }}
),

assessments as (
    select * from {{ ref('int_assessments') }}
),

certificates as (
    select * from {{ ref('int_certificates') }}
),

steps as (
    select * from {{ ref('int_learning_steps') }}
),

occasions as (
    select
        learner_key,
        concat('trained_', mode) as span_kind,
        completion_key as occasion_key,
        completed_date as from_date,
        {{ add_months('completed_date', 12) }} as until_date
    from completions

    union all

    select
        learner_key,
        'certified' as span_kind,
        certificate_key as occasion_key,
        issued_date as from_date,
        expires_date as until_date
    from certificates

    union all

    select
        learner_key,
        case step_type when 'path_assigned' then 'path' else 'rewarded' end as span_kind,
        step_key as occasion_key,
        step_date as from_date,
        case when step_type = 'reward' then {{ add_months('step_date', 12) }} end as until_date
    from steps
    where step_type in ('path_assigned', 'reward')
),

assessed as (
    select
        learners.user_key,
        assessments.assessment_key,
        assessments.skill_type,
        assessments.assessed_at,
        assessments.assessed_date,
        coalesce(assessments.score >= {{ var('proficiency_pass_score') }}, assessments.is_passed) as is_good
    from assessments
    inner join learners on assessments.learner_key = learners.learner_key
),

-- The newest assessment speaks, of all and of each type, until it is too old.
spoken as (
    select
        *,
        'any' as scope,
        lead(assessed_date) over (partition by user_key order by assessed_at asc, assessment_key asc) as next_date
    from assessed

    union all

    select
        *,
        skill_type as scope,
        lead(assessed_date) over (partition by user_key, skill_type order by assessed_at asc, assessment_key asc) as next_date
    from assessed
    where skill_type in ('technical', 'business')
),

known_from as (
    select learner_key, min(from_date) as from_date
    from (
        select learner_key, from_date from occasions
        union all
        select learner_key, assessed_date as from_date from assessments
        union all
        select learner_key, step_date as from_date from steps where step_type in ('course_started', 'course_completed')
        union all
        select learner_key, recorded_date as from_date from learners
    ) as told
    group by learner_key
),

final as (
    select learners.user_key, occasions.span_kind, occasions.occasion_key, occasions.from_date, occasions.until_date
    from occasions
    inner join learners on occasions.learner_key = learners.learner_key

    union all

    select
        user_key,
        case when is_good then concat('good_', scope) else concat('poor_', scope) end as span_kind,
        assessment_key as occasion_key,
        assessed_date as from_date,
        case
            when next_date < {{ add_months('assessed_date', var('proficiency_valid_months')) }} then next_date
            else {{ add_months('assessed_date', var('proficiency_valid_months')) }}
        end as until_date
    from spoken
    where is_good is not null

    union all

    select
        learners.user_key,
        'access' as span_kind,
        learners.learner_key as occasion_key,
        known_from.from_date,
        cast(null as date) as until_date
    from learners
    inner join known_from on learners.learner_key = known_from.learner_key
    where known_from.from_date is not null
)

select * from final
