-- grain: one expectation that was not met: an objective missed, or a negative answer about impact
with objectives as (
    select * from {{ ref('fct_success_objectives') }} where is_missed
),

answers as (
    select * from {{ ref('int_survey_answers') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

negative_answers as (
    select * from answers where question_kind = 'perception' and score <= {{ var('perception_negative_max') }}
),

-- What the same person named as being in the way, on the same day in the same survey.
barriers as (
    select contact_key, survey_key, answered_date, min(answer) as barrier
    from answers
    where question_kind = 'barrier' and answer is not null and contact_key is not null
    group by contact_key, survey_key, answered_date
),

events as (
    select
        objective_key as event_key,
        'objective' as event_kind,
        customer_id,
        month_end,
        month_number,
        miss_reason as reason
    from objectives

    union all

    select
        negative_answers.answer_key as event_key,
        'answer' as event_kind,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        months.month_end,
        months.month_number,
        coalesce(barriers.barrier, 'unknown') as reason
    from negative_answers
    inner join months
        on negative_answers.answered_date >= months.month_start and negative_answers.answered_date <= months.snapshot_date
    left join identity on negative_answers.account_key = identity.account_key
    left join barriers
        on
            negative_answers.contact_key = barriers.contact_key
            and negative_answers.survey_key = barriers.survey_key
            and negative_answers.answered_date = barriers.answered_date
),

final as (
    select event_key, event_kind, customer_id, month_end, month_number, reason
    from events
)

select * from final
