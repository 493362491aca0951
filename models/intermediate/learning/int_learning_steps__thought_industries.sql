-- grain: one step on a learning path as a whole or in a course, or one redeemed code
{{ config(enabled='thought_industries' in var('systems')) }}

with actions as (
    select path_id as subject_id, learner_id, action_type, acted_at, recorded_date
    from {{ ref('stg_thought_industries__learning_path_actions') }}
    where milestone_title is null

    union all

    select course_id as subject_id, learner_id, action_type, acted_at, recorded_date
    from {{ ref('stg_thought_industries__course_actions') }}
),

-- A code may be told of twice: where it was entered, and in the order that it made cheaper.
redemptions as (
    select
        concat('thought_industries:code:', redemption_code, ':', cast(redeemed_at as {{ dbt.type_string() }})) as step_key,
        redemption_code,
        redeemed_at,
        recorded_date
    from {{ ref('stg_thought_industries__code_redemptions') }}

    union all

    select
        concat('thought_industries:order:', order_id, ':', item_id) as step_key,
        coupon_code as redemption_code,
        ordered_at as redeemed_at,
        recorded_date
    from {{ ref('stg_thought_industries__course_purchases') }}
    where coupon_code is not null and coalesce(is_successful, true)
),

users as (
    select * from {{ ref('stg_thought_industries__users') }}
),

types as (
    select * from {{ ref('learning_step_types') }} where system = 'thought_industries'
),

final as (
    select
        concat(
            'thought_industries:', actions.subject_id, ':', coalesce(actions.action_type, ''), ':',
            cast(actions.acted_at as {{ dbt.type_string() }}), ':',
            {{ hashed_key("'thought_industries:' || actions.learner_id") }}
        ) as step_key,
        'thought_industries' as system,
        'thought_industries:' || users.account_id as account_key,
        {{ hashed_key("'thought_industries:' || actions.learner_id") }} as learner_key,
        coalesce(types.step_type, 'unknown') as step_type,
        actions.subject_id,
        {{ reporting_date('actions.acted_at') }} as step_date,
        cast(null as date) as due_date,
        actions.recorded_date
    from actions
    left join users on actions.learner_id = users.learner_id
    left join types on {{ lower_case('actions.action_type') }} = types.step_words

    union all

    -- Who redeemed a code is not told; who was offered it is known by the code.
    select
        step_key,
        'thought_industries' as system,
        cast(null as {{ dbt.type_string() }}) as account_key,
        cast(null as {{ dbt.type_string() }}) as learner_key,
        'incentive_redeemed' as step_type,
        redemption_code as subject_id,
        {{ reporting_date('redeemed_at') }} as step_date,
        cast(null as date) as due_date,
        recorded_date
    from redemptions
)

select * from final
