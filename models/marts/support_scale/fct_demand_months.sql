-- grain: one customer and month, from the first month with a case
-- noqa: disable=LT02
{%- set visit_parts = {
    'visit': 'true',
    'entitled_visit': 'is_entitled',
    'answered_visit': 'is_answer_found is not null',
    'found_visit': 'is_answer_found',
    'intent_answered_visit': 'is_answer_found and is_case_intended is not null',
    'intended_visit': 'is_answer_found and is_case_intended',
    'end_answered_visit': 'is_answer_found and is_case_intended and is_nothing_further_needed is not null',
    'resolved_visit': 'is_answer_found and is_case_intended and is_nothing_further_needed',
} %}
with case_events as (
    select * from {{ ref('fct_case_events') }}
),

visits as (
    select * from {{ ref('fct_self_service_sessions') }}
),

customer_months as (
    select customer_id, month_end, month_number from {{ ref('fct_customer_months') }} where is_active
),

months as (
    select * from {{ ref('int_months') }}
),

-- Before the first case of all, and before the first visit, nobody counted.
begun as (
    select min(month_number) as first_case_month_number from case_events where event = 'opened'
),

visits_begun as (
    select min(month_number) as first_visit_month_number from visits
),

case_sums as (
    select
        customer_id,
        month_end,
        month_number,
        count(case when event = 'opened' and not coalesce(is_automated, false) then 1 end) as assisted_case_count,
        count(case when event = 'closed' and is_automated then 1 end) as automated_case_count,
        count(case when event = 'closed' and is_automated is not null then 1 end) as judged_case_count
    from case_events
    group by customer_id, month_end, month_number
),

visit_sums as (
    select
        customer_id,
        month_end,
        month_number,
        {%- for part, condition in visit_parts.items() %}
        count(case when {{ condition }} then 1 end) as {{ part }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from visits
    group by customer_id, month_end, month_number
),

-- Customers of the month, and whoever else asked or looked.
subjects as (
    select customer_id, month_end, month_number from customer_months
    union
    select customer_id, month_end, month_number from case_sums
    union
    select customer_id, month_end, month_number from visit_sums
),

final as (
    select
        subjects.customer_id,
        subjects.month_end,
        subjects.month_number,
        cast(case when customer_months.customer_id is not null then 1 else 0 end as bigint) as active_month_count,
        cast(coalesce(case_sums.assisted_case_count, 0) as bigint) as assisted_case_count,
        cast(coalesce(case_sums.automated_case_count, 0) as bigint) as automated_case_count,
        cast(coalesce(case_sums.judged_case_count, 0) as bigint) as judged_case_count,
        {%- for part in visit_parts %}
        cast(
            case when subjects.month_number >= visits_begun.first_visit_month_number then coalesce(visit_sums.{{ part }}_count, 0) end
            as bigint
        ) as {{ part }}_count,
        {%- endfor %}
        months.is_provisional
    from subjects
    inner join months on subjects.month_end = months.month_end
    inner join begun on subjects.month_number >= begun.first_case_month_number
    cross join visits_begun
    left join customer_months
        on subjects.customer_id = customer_months.customer_id and subjects.month_end = customer_months.month_end
    left join case_sums on subjects.customer_id = case_sums.customer_id and subjects.month_end = case_sums.month_end
    left join visit_sums on subjects.customer_id = visit_sums.customer_id and subjects.month_end = visit_sums.month_end
)

select * from final
