-- grain: one customer and period in which the customer was active, paid, or had recurring revenue at either end
with retention as (
    select customer_id, period_grain, period_end from {{ ref('fct_retention') }}
),

customer_costs as (
    select * from {{ ref('fct_customer_costs') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

cost_months as (
    select customer_id, month_number, sum(cost_amount) as cost_amount
    from customer_costs
    group by customer_id, month_number
),

-- Months of which the company tells what its services cost; whoever has no share in such a month cost nothing.
told_months as (
    select month_number
    from customer_costs
    group by month_number
    having count(cost_amount) = count(*)
),

told_periods as (
    select periods.period_grain, periods.period_end
    from periods
    inner join told_months
        on
            told_months.month_number > periods.opening_month_number
            and told_months.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end, periods.window_months
    having count(*) = periods.window_months
),

cost_periods as (
    select cost_months.customer_id, periods.period_grain, periods.period_end, sum(cost_months.cost_amount) as cost_amount
    from cost_months
    inner join periods
        on
            cost_months.month_number > periods.opening_month_number
            and cost_months.month_number <= periods.closing_month_number
    group by cost_months.customer_id, periods.period_grain, periods.period_end
),

final as (
    select
        retention.customer_id,
        retention.period_grain,
        retention.period_end,
        cast(case when told_periods.period_end is not null then coalesce(cost_periods.cost_amount, 0) end as decimal(18, 6))
            as service_cost_amount
    from retention
    left join told_periods
        on retention.period_grain = told_periods.period_grain and retention.period_end = told_periods.period_end
    left join cost_periods
        on
            retention.customer_id = cost_periods.customer_id
            and retention.period_grain = cost_periods.period_grain
            and retention.period_end = cost_periods.period_end
)

select * from final
