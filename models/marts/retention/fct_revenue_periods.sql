-- grain: one customer and period with invoiced revenue
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

-- The trailing twelve months are already there, and a year is one of them.
period_revenue as (
    select
        customer_months.customer_id,
        periods.period_grain,
        periods.period_end,
        periods.opening_date,
        periods.is_provisional,
        customer_months.first_revenue_date,
        customer_months.revenue_amount
    from customer_months
    inner join periods on customer_months.month_end = periods.period_end and periods.period_grain = 'month'
    where coalesce(customer_months.revenue_amount, 1) <> 0

    union all

    select
        customer_months.customer_id,
        periods.period_grain,
        periods.period_end,
        periods.opening_date,
        periods.is_provisional,
        customer_months.first_revenue_date,
        customer_months.revenue_t12m_amount as revenue_amount
    from customer_months
    inner join periods on customer_months.month_end = periods.period_end and periods.period_grain in ('t12m', 'year')
    where coalesce(customer_months.revenue_t12m_amount, 1) <> 0

    union all

    select
        customer_months.customer_id,
        periods.period_grain,
        periods.period_end,
        periods.opening_date,
        periods.is_provisional,
        customer_months.first_revenue_date,
        case when count(customer_months.revenue_amount) = count(*) then sum(customer_months.revenue_amount) end as revenue_amount
    from customer_months
    inner join periods
        on
            periods.period_grain = 'quarter'
            and customer_months.month_end > periods.opening_date
            and customer_months.month_end <= periods.period_end
    where coalesce(customer_months.revenue_amount, 1) <> 0
    group by
        customer_months.customer_id,
        periods.period_grain,
        periods.period_end,
        periods.opening_date,
        periods.is_provisional,
        customer_months.first_revenue_date
),

final as (
    select
        customer_id,
        period_grain,
        period_end,
        cast(first_revenue_date <= opening_date as boolean) as is_existing_customer,
        cast(revenue_amount as decimal(18, 6)) as revenue_amount,
        is_provisional
    from period_revenue
)

select * from final
