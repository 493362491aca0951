-- grain: one assessment of the skill_assessments template
{{ config(enabled='templates' in var('systems')) }}

with exported as (
    select * from {{ ref('stg_templates__skill_assessments') }}
),

skills as (
    select * from {{ ref('assessment_skills') }}
),

final as (
    select
        'templates:' || exported.assessment_id as assessment_key,
        'templates' as system,
        'templates:' || exported.account_id as account_key,
        {{ hashed_key("'templates:' || exported.user_id") }} as learner_key,
        'templates:' || exported.skill as skill_key,
        coalesce(exported.skill_type, skills.skill_type) as skill_type,
        exported.score,
        coalesce(exported.is_passed, exported.score >= {{ var('proficiency_pass_score') }}) as is_passed,
        cast(exported.assessed_date as timestamp) as assessed_at,
        exported.assessed_date,
        exported.recorded_date
    from exported
    left join skills on exported.skill = skills.assessment_words
)

select * from final
