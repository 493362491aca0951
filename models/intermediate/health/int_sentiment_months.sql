-- grain: one customer and month-end at which something tells the state of the relationship
with months as (
    select * from {{ ref('int_months') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

-- The judgement of whoever looks after the customer goes before what its people say in surveys, and that before the tone of cases.
signals as (
    select
        account_key,
        'judgement' as source,
        1 as source_rank,
        90 as valid_days,
        sentiment_key as signal_key,
        relationship_state,
        judged_date as signal_date,
        greatest(judged_date, coalesce(recorded_date, judged_date)) as known_date
    from {{ ref('int_sentiments') }}
    where relationship_state is not null

    union all

    select
        account_key,
        'survey' as source,
        2 as source_rank,
        365 as valid_days,
        answer_key as signal_key,
        answer as relationship_state,
        answered_date as signal_date,
        greatest(answered_date, coalesce(recorded_date, answered_date)) as known_date
    from {{ ref('int_survey_answers') }}
    where question_kind = 'intent' and answer in ('content', 'anxious', 'restless', 'angry')

    union all

    -- A neutral tone says nothing of the relationship.
    select
        account_key,
        'case' as source,
        3 as source_rank,
        90 as valid_days,
        case_key as signal_key,
        case sentiment when 'positive' then 'content' else 'angry' end as relationship_state,
        {{ reporting_date('created_at') }} as signal_date,
        {{ reporting_date('created_at') }} as known_date
    from {{ ref('int_cases') }}
    where is_in_scope and sentiment in ('positive', 'negative')
),

ranked as (
    select
        identity.customer_id,
        months.month_end,
        signals.source,
        signals.relationship_state,
        signals.signal_date,
        row_number() over (
            partition by identity.customer_id, months.month_end
            order by signals.source_rank asc, signals.signal_date desc, signals.signal_key asc
        ) as signal_number
    from signals
    inner join identity on signals.account_key = identity.account_key
    inner join months
        on
            signals.known_date <= months.snapshot_date
            and signals.signal_date > {{ add_days('months.snapshot_date', '-signals.valid_days') }}
),

final as (
    select customer_id, month_end, relationship_state, source, signal_date
    from ranked
    where signal_number = 1
)

select * from final
