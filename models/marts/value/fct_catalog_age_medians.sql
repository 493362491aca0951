-- grain: one metric of the age of catalogue entries, period, dimension and member
-- noqa: disable=LT02
with offer_months as (
    select * from {{ ref('fct_offer_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

ages as (
    select
        periods.period_grain,
        periods.period_end,
        offer_months.is_provisional,
        offer_months.service_line,
        offer_months.days_since_change
    from offer_months
    inner join periods on offer_months.month_end = periods.period_end
),

members as (
    select
        period_grain, period_end, is_provisional, 'all' as dimension, 'all' as member, days_since_change, 1 as offer_count
    from ages
    union all
    select
        period_grain, period_end, is_provisional, 'service_line' as dimension, service_line as member, days_since_change, 1 as offer_count
    from ages
),

coverages as (
    select
        period_grain,
        period_end,
        dimension,
        member,
        cast(cast(count(days_since_change) as double) / count(*) as decimal(18, 6)) as coverage
    from members
    group by period_grain, period_end, dimension, member
),

age_counts as (
    select period_grain, period_end, is_provisional, dimension, member, days_since_change, cast(sum(offer_count) as bigint) as offer_count
    from members
    where days_since_change is not null
    group by period_grain, period_end, is_provisional, dimension, member, days_since_change
),

{{ percentile_of_counts(
    'medians', 'age_counts', ['period_grain', 'period_end', 'is_provisional', 'dimension', 'member'], 'days_since_change', 'offer_count', 50
) }},

{{ percentile_of_counts(
    'nine_in_ten', 'age_counts', ['period_grain', 'period_end', 'is_provisional', 'dimension', 'member'], 'days_since_change', 'offer_count', 90
) }},

percentiles as (
    select 'catalog_freshness_days' as metric_key, medians.* from medians
    union all
    select 'catalog_freshness_days_p90' as metric_key, nine_in_ten.* from nine_in_ten
),

final as (
    select
        percentiles.metric_key,
        percentiles.period_grain,
        percentiles.period_end,
        percentiles.dimension,
        percentiles.member,
        percentiles.percentile as value,
        percentiles.observation_count as n,
        coverages.coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        percentiles.is_provisional
    from percentiles
    inner join coverages
        on
            percentiles.period_grain = coverages.period_grain
            and percentiles.period_end = coverages.period_end
            and percentiles.dimension = coverages.dimension
            and percentiles.member = coverages.member
)

select * from final
