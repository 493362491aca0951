-- grain: one flow metric, period, dimension and member
with customers as (
    select * from {{ ref('dim_customers') }}
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

period_revenue as (
    select * from {{ ref('fct_revenue_periods') }}
),

-- Revenue of customers first paid before the period, in all revenue of the period.
revenue as (
    select
        period_revenue.period_grain,
        period_revenue.period_end,
        period_revenue.is_provisional,
        case
            when grouping(customers.segment) = 0 then 'segment'
            when grouping(customers.region) = 0 then 'region'
            when grouping(customers.channel) = 0 then 'channel'
            else 'all'
        end as dimension,
        coalesce(customers.segment, customers.region, customers.channel, 'all') as member,
        sum(
            case
                when period_revenue.is_existing_customer then period_revenue.revenue_amount
                else 0
            end
        ) as numerator,
        sum(period_revenue.revenue_amount) as denominator,
        count(period_revenue.revenue_amount) as subject_count,
        count(*) as eligible_count
    from period_revenue
    inner join customers on period_revenue.customer_id = customers.customer_id
    group by grouping sets (  -- noqa: PRS, RF02
        (period_revenue.period_grain, period_revenue.period_end, period_revenue.is_provisional),
        (period_revenue.period_grain, period_revenue.period_end, period_revenue.is_provisional, customers.segment),
        (period_revenue.period_grain, period_revenue.period_end, period_revenue.is_provisional, customers.region),
        (period_revenue.period_grain, period_revenue.period_end, period_revenue.is_provisional, customers.channel)
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
        cast(cast(subject_count as double) / eligible_count as decimal(18, 6)) as coverage,
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
