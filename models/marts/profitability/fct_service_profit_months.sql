-- grain: one customer, service line and month with revenue of services or a share of their cost
-- noqa: disable=LT02
with revenue_months as (
    select * from {{ ref('fct_recognised_revenue_months') }}
),

customer_costs as (
    select
        customer_id,
        month_end,
        month_number,
        is_investment,
        cost_amount,
        is_provisional,
        -- Knowledge is written for support, and maintenance answered by it.
        case service_line when 'knowledge_base' then 'support' when 'maintenance' then 'support' else service_line end as service_line,
        service_line in ('support', 'knowledge_base', 'maintenance', 'success', 'education', 'professional_services') as is_delivery
    from {{ ref('fct_customer_costs') }}
),

line_costs as (
    select month_end, month_number, is_provisional, is_investment, service_line, sum(cost_amount) as cost_amount
    from customer_costs
    where is_delivery
    group by month_end, month_number, is_provisional, is_investment, service_line
),

placed_lines as (
    select
        month_end,
        service_line,
        sum(sum(cost_amount)) over (
            partition by month_end
            order by service_line asc
            rows between unbounded preceding and current row
        ) as reached,
        sum(cost_amount) as cost_amount,
        sum(sum(cost_amount)) over (partition by month_end) as whole
    from line_costs
    group by month_end, service_line
),

overheads as (
    select
        month_end,
        month_number,
        is_provisional,
        is_investment,
        sum(cost_amount) as cost_amount,
        count(*) - count(cost_amount) as unknown_count
    from customer_costs
    where not is_delivery
    group by month_end, month_number, is_provisional, is_investment
),

-- Tools, management of the portfolio and whatever serves all lines is borne by them in proportion to their own cost. It is nobody's in
-- particular. The parts add up to it, to the last digit.
loaded as (
    select customer_id, service_line, month_end, month_number, is_provisional, is_investment, cost_amount, false as is_overhead
    from customer_costs
    where is_delivery

    union all

    select
        'unallocated' as customer_id,
        coalesce(placed_lines.service_line, 'overhead') as service_line,
        overheads.month_end,
        overheads.month_number,
        overheads.is_provisional,
        overheads.is_investment,
        case
            when overheads.unknown_count > 0 then null
            when placed_lines.service_line is null then overheads.cost_amount
            else {{ part_of_total('overheads.cost_amount', 'cast(placed_lines.reached - placed_lines.cost_amount as double)',
                'cast(placed_lines.reached as double)', 'cast(placed_lines.whole as double)') }}
        end as cost_amount,
        true as is_overhead
    from overheads
    left join placed_lines on overheads.month_end = placed_lines.month_end and placed_lines.whole > 0
),

costs as (
    select
        customer_id,
        service_line,
        month_end,
        sum(cost_amount) as cost_amount,
        sum(case when is_investment then cost_amount else 0 end) as investment_cost_amount,
        sum(case when is_overhead then cost_amount else 0 end) as overhead_cost_amount,
        count(*) - count(cost_amount) as unknown_count
    from loaded
    group by customer_id, service_line, month_end
),

-- Lines and months of which the whole cost is told: whoever has no share of it cost nothing.
told_costs as (
    select service_line, month_end
    from loaded
    group by service_line, month_end
    having count(*) = count(cost_amount)
),

revenue as (
    select
        customer_id,
        case service_line when 'maintenance' then 'support' else service_line end as service_line,
        month_end,
        sum(amount) as revenue_amount,
        count(*) - count(amount) as unknown_count
    from revenue_months
    where service_line <> 'product'
    group by customer_id, case service_line when 'maintenance' then 'support' else service_line end, month_end
),

-- Months of which any revenue is told: a line without any then earned nothing.
told_revenue as (
    select distinct month_end from revenue_months
),

subjects as (
    select customer_id, service_line, month_end from costs
    union
    select customer_id, service_line, month_end from revenue
),

final as (
    select
        subjects.customer_id,
        subjects.service_line,
        subjects.month_end,
        months.month_number,
        cast(
            case
                when told_revenue.month_end is not null and coalesce(revenue.unknown_count, 0) = 0
                    then coalesce(revenue.revenue_amount, 0)
            end
            as decimal(18, 6)
        ) as revenue_amount,
        cast(case when told_costs.month_end is not null then coalesce(costs.cost_amount, 0) end as decimal(18, 6)) as cost_amount,
        cast(case when told_costs.month_end is not null then coalesce(costs.investment_cost_amount, 0) end as decimal(18, 6))
            as investment_cost_amount,
        cast(case when told_costs.month_end is not null then coalesce(costs.overhead_cost_amount, 0) end as decimal(18, 6))
            as overhead_cost_amount,
        months.is_provisional
    from subjects
    inner join {{ ref('int_months') }} as months on subjects.month_end = months.month_end
    left join costs
        on
            subjects.customer_id = costs.customer_id
            and subjects.service_line = costs.service_line
            and subjects.month_end = costs.month_end
    left join revenue
        on
            subjects.customer_id = revenue.customer_id
            and subjects.service_line = revenue.service_line
            and subjects.month_end = revenue.month_end
    left join told_costs on subjects.service_line = told_costs.service_line and subjects.month_end = told_costs.month_end
    left join told_revenue on subjects.month_end = told_revenue.month_end
)

select * from final
