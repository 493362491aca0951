-- grain: one month, from the first with a case
with case_events as (
    select * from {{ ref('fct_case_events') }}
),

costs as (
    select * from {{ ref('int_service_cost_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

begun as (
    select min(month_number) as first_month_number from case_events where event = 'opened'
),

closed as (
    select
        month_number,
        count(*) as closed_assisted_case_count,
        count(handle_minutes) as timed_case_count,
        sum(handle_minutes) as handle_minutes
    from case_events
    where event = 'closed' and not coalesce(is_automated, false)
    group by month_number
),

-- One amount that cannot be converted makes the cost of its line unknown.
line_costs as (
    select
        month_number,
        service_line,
        case when count(cost_amount) = count(*) then sum(cost_amount) end as cost_amount
    from costs
    where service_line in ('support', 'knowledge_base')
    group by month_number, service_line
),

months_of_all as (
    select
        months.month_end,
        months.month_number,
        months.is_provisional,
        coalesce(closed.closed_assisted_case_count, 0) as closed_assisted_case_count,
        coalesce(closed.timed_case_count, 0) as timed_case_count,
        closed.handle_minutes,
        support.cost_amount as support_cost_amount,
        knowledge_base.cost_amount as knowledge_base_cost_amount
    from months
    inner join begun on months.month_number >= begun.first_month_number
    left join closed on months.month_number = closed.month_number
    left join line_costs as support on months.month_number = support.month_number and support.service_line = 'support'
    left join line_costs as knowledge_base
        on months.month_number = knowledge_base.month_number and knowledge_base.service_line = 'knowledge_base'
),

-- Twelve months, so that a quiet month does not make a case look dear. Cost and cases are those of the months whose cost is known.
years as (
    select
        months_of_all.month_number,
        sum(earlier.support_cost_amount) as support_cost_amount,
        sum(case when earlier.support_cost_amount is not null then earlier.closed_assisted_case_count end) as costed_case_count,
        sum(earlier.handle_minutes) as handle_minutes,
        sum(earlier.timed_case_count) as timed_case_count
    from months_of_all
    inner join months_of_all as earlier
        on earlier.month_number > months_of_all.month_number - 12 and earlier.month_number <= months_of_all.month_number
    group by months_of_all.month_number
),

final as (
    select
        months_of_all.month_end,
        months_of_all.month_number,
        cast(months_of_all.closed_assisted_case_count as bigint) as closed_assisted_case_count,
        cast(months_of_all.timed_case_count as bigint) as timed_case_count,
        cast(months_of_all.handle_minutes as decimal(18, 6)) as handle_minutes,
        cast(months_of_all.support_cost_amount as decimal(18, 6)) as support_cost_amount,
        cast(months_of_all.knowledge_base_cost_amount as decimal(18, 6)) as knowledge_base_cost_amount,
        cast(
            round(cast(years.support_cost_amount as double) / nullif(years.costed_case_count, 0), 6) as decimal(18, 6)
        ) as avoidable_cost_amount,
        cast(round(cast(years.handle_minutes as double) / nullif(years.timed_case_count, 0) / 60, 6) as decimal(18, 6)) as handle_hours,
        months_of_all.is_provisional
    from months_of_all
    inner join years on months_of_all.month_number = years.month_number
)

select * from final
