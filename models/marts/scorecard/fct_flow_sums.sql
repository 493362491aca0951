-- grain: one flow metric, period, dimension and member
with customer_months as (
    select fct_customer_months.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_customer_months') }} as fct_customer_months
    inner join {{ ref('dim_customers') }} as customers on fct_customer_months.customer_id = customers.customer_id
    where fct_customer_months.revenue_amount <> 0
),

changes as (
    select * from {{ ref('fct_revenue_changes') }} where movement in ('churn', 'contraction', 'transactional_loss')
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

months as (
    select * from {{ ref('int_months') }}
),

-- Customers first paid before the period, in all revenue of the period.
revenue as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        case
            when grouping(customer_months.segment) = 0 then 'segment'
            when grouping(customer_months.region) = 0 then 'region'
            when grouping(customer_months.channel) = 0 then 'channel'
            else 'all'
        end as dimension,
        coalesce(customer_months.segment, customer_months.region, customer_months.channel, 'all') as member,
        sum(
            case
                when customer_months.first_revenue_date < {{ add_months(add_days('periods.period_end', 1), '-periods.window_months') }}
                    then customer_months.revenue_amount
                else 0
            end
        ) as numerator,
        sum(customer_months.revenue_amount) as denominator,
        count(distinct customer_months.customer_id) as subject_count
    from customer_months
    inner join periods
        on
            customer_months.month_number > periods.opening_month_number
            and customer_months.month_number <= periods.closing_month_number
    group by grouping sets (
        (periods.period_grain, periods.period_end, periods.is_provisional),
        (periods.period_grain, periods.period_end, periods.is_provisional, customer_months.segment),
        (periods.period_grain, periods.period_end, periods.is_provisional, customer_months.region),
        (periods.period_grain, periods.period_end, periods.is_provisional, customer_months.channel)
    )
),

losses as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        changes.loss_reason as member,
        sum(-changes.mrr_change_amount) as numerator,
        count(*) as event_count
    from changes
    inner join months on changes.month_end = months.month_end
    inner join periods
        on months.month_number > periods.opening_month_number and months.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end, periods.is_provisional, changes.loss_reason
),

loss_mix as (
    select
        *,
        sum(numerator) over (partition by period_grain, period_end) as denominator,
        sum(event_count) over (partition by period_grain, period_end) as subject_count,
        sum(case when member = 'unknown' then event_count else 0 end) over (partition by period_grain, period_end) as unknown_count
    from losses
),

final as (
    select
        'existing_customer_revenue_share' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        cast(subject_count as bigint) as subject_count,
        cast(1 as decimal(18, 6)) as coverage,
        is_provisional
    from revenue

    union all

    select
        'loss_reason_mix' as metric_key,
        period_grain,
        period_end,
        'reason' as dimension,
        member,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        cast(subject_count as bigint) as subject_count,
        cast(1 - cast(unknown_count as decimal(18, 6)) / nullif(subject_count, 0) as decimal(18, 6)) as coverage,
        is_provisional
    from loss_mix
)

select * from final
