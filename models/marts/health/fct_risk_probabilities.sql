-- grain: one month-end and risk class: how often customers of the class were lost within six months, as far as known by then
with outcomes as (
    select * from {{ ref('fct_risk_outcomes') }} where not is_provisional
),

months as (
    select * from {{ ref('int_months') }}
),

classes as (
    {%- for class in ('defecting', 'reducing', 'watch', 'healthy', 'unknown') %}
    select '{{ class }}' as risk_class{{ ' union all' if not loop.last }}
    {%- endfor %}
),

by_month as (
    select
        month_end,
        risk_class,
        count(*) as observed_count,
        count(case when has_churned then 1 end) as churned_count,
        count(case when has_churned_or_contracted then 1 end) as lost_count
    from outcomes
    group by month_end, risk_class
),

running as (
    select
        months.month_end,
        classes.risk_class,
        coalesce(sum(by_month.observed_count) over so_far, 0) as observed_count,
        coalesce(sum(by_month.churned_count) over so_far, 0) as churned_count,
        coalesce(sum(by_month.lost_count) over so_far, 0) as lost_count
    from months
    cross join classes
    left join by_month on months.month_end = by_month.month_end and classes.risk_class = by_month.risk_class
    window so_far as (partition by classes.risk_class order by months.month_end asc rows between unbounded preceding and current row)
),

final as (
    select
        month_end,
        risk_class,
        cast(observed_count as bigint) as observed_count,
        cast(churned_count as bigint) as churned_count,
        cast(lost_count as bigint) as lost_count,
        cast(round(churned_count / nullif(cast(observed_count as double), 0), 6) as decimal(18, 6)) as churn_rate,
        cast(round(lost_count / nullif(cast(observed_count as double), 0), 6) as decimal(18, 6)) as loss_rate
    from running
)

select * from final
