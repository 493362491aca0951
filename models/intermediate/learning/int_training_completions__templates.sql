-- grain: one completion of the training_completions template
{{ config(enabled='templates' in var('systems')) }}

with completions as (
    select * from {{ ref('stg_templates__training_completions') }}
),

modes as (
    select * from {{ ref('training_modes') }} where system = 'templates'
),

final as (
    select
        'templates:' || completions.completion_id as completion_key,
        'templates' as system,
        'templates:' || completions.account_id as account_key,
        {{ hashed_key("'templates:' || completions.user_id") }} as learner_key,
        coalesce(modes.mode, 'unknown') as mode,
        completions.completed_date,
        completions.rating,
        completions.recorded_date
    from completions
    left join modes on completions.mode = modes.mode_words
)

select * from final
