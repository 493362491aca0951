-- grain: one item of the catalogue completed by one learner
{{ config(enabled='thought_industries' in var('systems')) }}

with completions as (
    select * from {{ ref('stg_thought_industries__course_completions') }}
),

content as (
    select * from {{ ref('stg_thought_industries__content') }}
),

users as (
    select * from {{ ref('stg_thought_industries__users') }}
),

modes as (
    select * from {{ ref('training_modes') }} where system = 'thought_industries'
),

final as (
    select
        'thought_industries:' || completions.completion_id as completion_key,
        'thought_industries' as system,
        'thought_industries:' || users.account_id as account_key,
        {{ hashed_key("'thought_industries:' || completions.learner_id") }} as learner_key,
        coalesce(modes.mode, 'unknown') as mode,
        {{ reporting_date('completions.completed_at') }} as completed_date,
        cast(null as decimal(18, 6)) as rating,
        completions.recorded_date
    from completions
    left join content on completions.content_id = content.content_id
    left join users on completions.learner_id = users.learner_id
    left join modes on content.content_kind = modes.mode_words
)

select * from final
