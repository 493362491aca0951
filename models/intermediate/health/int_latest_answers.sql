-- grain: one person, month-end and kind of question: the newest answer that still counts
with answers as (
    select * from {{ ref('int_survey_answers') }} where question_kind in ('nps', 'perception', 'criticality') and score is not null
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- An answer counts from the day on which both it and its record were there. Who is not named stands for one answer.
known as (
    select
        answers.answer_key,
        answers.question_kind,
        answers.score,
        answers.answered_date,
        coalesce(identity.customer_id, 'unknown') as customer_id,
        coalesce(answers.contact_key, answers.answer_key) as contact_key,
        greatest(answers.answered_date, coalesce(answers.recorded_date, answers.answered_date)) as known_date
    from answers
    left join identity on answers.account_key = identity.account_key
),

ranked as (
    select
        known.*,
        months.month_end,
        row_number() over (
            partition by known.customer_id, known.contact_key, known.question_kind, months.month_end
            order by known.answered_date desc, known.answer_key asc
        ) as answer_number
    from known
    inner join months
        on
            known.known_date <= months.snapshot_date
            and known.answered_date >= {{ add_months('months.month_start', 1 - var('survey_window_months')) }}
),

final as (
    select customer_id, contact_key, month_end, question_kind, score, answered_date
    from ranked
    where answer_number = 1
)

select * from final
