-- grain: one user that the templates of learning tell of
{{ config(enabled='templates' in var('systems')) }}

with told as (
    select account_id, user_id, recorded_date from {{ ref('stg_templates__training_completions') }}
    union all
    select account_id, user_id, recorded_date from {{ ref('stg_templates__skill_assessments') }}
    union all
    select account_id, user_id, recorded_date from {{ ref('stg_templates__certificates') }}
    union all
    select account_id, user_id, recorded_date from {{ ref('stg_templates__learning_steps') }}
),

-- A user of several accounts is one of the first of them here: what it learns, it knows everywhere.
final as (
    select
        {{ hashed_key("'templates:' || user_id") }} as learner_key,
        'templates' as system,
        'templates:' || min(account_id) as account_key,
        {{ hashed_key('user_id') }} as user_key,
        min(recorded_date) as recorded_date
    from told
    where user_id is not null
    group by user_id
)

select * from final
