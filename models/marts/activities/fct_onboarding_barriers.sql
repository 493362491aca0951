-- grain: one customer and month in which a barrier was found in its first days
{#- Found in the days of onboarding, and removed within half a year. -#}
{%- set onboarding_days = 90 %}
{%- set removal_days = 180 %}
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

risks as (
    select * from {{ ref('int_risk_records') }}
),

answers as (
    select * from {{ ref('int_survey_answers') }} where question_kind = 'barrier' and answer is not null
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

starts as (
    select customer_id, min(first_revenue_date) as first_revenue_date from customer_months group by customer_id
),

-- A risk that is closed because the customer has left was not removed.
recorded as (
    select
        risks.risk_key as barrier_key,
        identity.customer_id,
        risks.opened_date as found_date,
        case when not risks.is_closed or risks.closed_date is not null then 1 end as known_flag,
        max(case when closing.is_active then 1 else 0 end) as removed_flag
    from risks
    inner join identity on risks.account_key = identity.account_key
    left join months
        on
            risks.closed_date >= months.month_start
            and risks.closed_date <= months.month_end
            and risks.closed_date <= {{ add_days('risks.opened_date', removal_days) }}
    left join customer_months as closing
        on identity.customer_id = closing.customer_id and months.month_end = closing.month_end
    where risks.opened_date is not null
    group by risks.risk_key, identity.customer_id, risks.opened_date, risks.is_closed, risks.closed_date
),

-- Several people who name the same barrier name one.
named as (
    select identity.customer_id, answers.answer, min(answers.answered_date) as found_date
    from answers
    inner join identity on answers.account_key = identity.account_key
    where answers.answered_date is not null
    group by identity.customer_id, answers.answer
),

surveyed as (
    select
        concat(named.customer_id, '|', named.answer) as barrier_key,
        named.customer_id,
        named.found_date,
        max(case when adoption_months.adoption_band not in ('unknown', 'ramp') then 1 end) as known_flag,
        max(case when adoption_months.adoption_band = 'green' then 1 else 0 end) as removed_flag
    from named
    left join adoption_months
        on
            named.customer_id = adoption_months.customer_id
            and adoption_months.month_end > named.found_date
            and adoption_months.month_end <= {{ add_days('named.found_date', removal_days) }}
    group by named.customer_id, named.answer, named.found_date
),

barriers as (
    select barrier_key, customer_id, found_date, known_flag, removed_flag from recorded
    union all
    select barrier_key, customer_id, found_date, known_flag, removed_flag from surveyed
),

final as (
    select
        barriers.customer_id,
        months.month_end,
        cast(months.month_number as integer) as month_number,
        cast(count(*) as integer) as found_count,
        cast(count(barriers.known_flag) as integer) as known_count,
        cast(count(case when barriers.known_flag = 1 and barriers.removed_flag = 1 then 1 end) as integer) as removed_count
    from barriers
    inner join starts on barriers.customer_id = starts.customer_id
    inner join months on barriers.found_date >= months.month_start and barriers.found_date <= months.month_end
    where
        barriers.found_date >= starts.first_revenue_date
        and barriers.found_date < {{ add_days('starts.first_revenue_date', onboarding_days) }}
    group by barriers.customer_id, months.month_end, months.month_number
)

select * from final
