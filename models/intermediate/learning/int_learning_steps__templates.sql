-- grain: one step of the learning_steps template
{{ config(enabled='templates' in var('systems')) }}

with steps as (
    select * from {{ ref('stg_templates__learning_steps') }}
),

types as (
    select * from {{ ref('learning_step_types') }} where system = 'templates'
),

final as (
    select
        'templates:' || steps.step_id as step_key,
        'templates' as system,
        'templates:' || steps.account_id as account_key,
        {{ hashed_key("'templates:' || steps.user_id") }} as learner_key,
        coalesce(types.step_type, 'unknown') as step_type,
        steps.subject_id,
        steps.step_date,
        steps.due_date,
        steps.recorded_date
    from steps
    left join types on steps.step_type = types.step_words
)

select * from final
