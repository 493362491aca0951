-- grain: one Thought Industries learner and id by which the usage of the product may know it
{{ config(enabled='thought_industries' in var('systems')) }}

with users as (
    select * from {{ ref('stg_thought_industries__users') }}
),

-- A company sends one of these to its usage tracking: the very same text is the same user, nothing else is.
ids as (
    select learner_id, account_id, recorded_date, learner_id as user_id from users
    union
    select learner_id, account_id, recorded_date, contact_id as user_id from users
    union
    select learner_id, account_id, recorded_date, email as user_id from users
),

final as (
    select
        {{ hashed_key("'thought_industries:' || learner_id") }} as learner_key,
        'thought_industries' as system,
        'thought_industries:' || account_id as account_key,
        {{ hashed_key('user_id') }} as user_key,
        recorded_date
    from ids
    where user_id is not null
)

select * from final
