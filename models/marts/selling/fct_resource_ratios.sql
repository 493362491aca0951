-- grain: one win rate by message or supporting resource, period and member
with resources as (
    select * from {{ ref('fct_resource_opportunities') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

final as (
    select
        concat(resources.resource_kind, '_win_rate') as metric_key,
        periods.period_grain,
        periods.period_end,
        resources.resource_kind as dimension,
        resources.resource_id as member,
        cast(sum(case when resources.is_won then 1 else 0 end) as decimal(28, 6)) as numerator,
        cast(count(*) as decimal(28, 6)) as denominator,
        cast(count(*) as bigint) as subject_count,
        cast(1 as decimal(18, 6)) as coverage,
        periods.is_provisional
    from resources
    inner join periods
        on resources.month_number > periods.opening_month_number and resources.month_number <= periods.closing_month_number
    group by
        resources.resource_kind, resources.resource_id, periods.period_grain, periods.period_end, periods.is_provisional
)

select * from final
