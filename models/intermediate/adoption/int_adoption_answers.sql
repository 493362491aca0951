-- grain: one customer, month-end and kind of answer: the newest one of the twelve months before
with answers as (
    select * from {{ ref('int_survey_answers') }} where question_kind in ('adoption_share', 'barrier')
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

ranked as (
    select
        identity.customer_id,
        months.month_end,
        answers.question_kind,
        answers.score,
        answers.answer,
        row_number() over (
            partition by identity.customer_id, months.month_end, answers.question_kind
            order by answers.answered_date desc, answers.answer_key asc
        ) as answer_number
    from answers
    inner join identity on answers.account_key = identity.account_key
    inner join months
        on
            answers.answered_date <= months.snapshot_date
            -- Known by then.
            and coalesce(answers.recorded_date, answers.answered_date) <= months.snapshot_date
            and answers.answered_date > {{ add_days(add_months(add_days('months.snapshot_date', 1), -12), -1) }}
    where answers.score is not null or answers.answer is not null
),

final as (
    select customer_id, month_end, question_kind, score, answer
    from ranked
    where answer_number = 1
)

select * from final
