-- grain: one metric of the days between engagements, period, dimension and member
-- noqa: disable=LT02
with {{ subjects_with_customers('fct_engagement_gaps') }},

periods as (
    select * from {{ ref('int_periods') }} where period_grain = 'month'
),

first_days as (
    select min(tracked_from_date) as first_date from {{ ref('int_engagement_feeds') }}
),

-- Few different gaps stand for many days.
gap_counts as (
    select month_number, earlier_month_number, gap_days, segment, region, channel, count(*) as gap_count
    from subjects
    group by month_number, earlier_month_number, gap_days, segment, region, channel
),

-- Both days of a gap lie in the twelve months up to the month-end.
year_counts as (
    select
        periods.period_end,
        periods.is_provisional,
        gap_counts.gap_days,
        gap_counts.segment,
        gap_counts.region,
        gap_counts.channel,
        sum(gap_counts.gap_count) as gap_count
    from periods
    inner join gap_counts
        on
            periods.closing_month_number >= gap_counts.month_number
            and periods.closing_month_number - 12 < gap_counts.earlier_month_number
    cross join first_days
    -- Nothing is said of a year that the log does not reach over.
    where first_days.first_date <= {{ add_months(add_days('periods.period_end', 1), -12) }}
    group by
        periods.period_end, periods.is_provisional, gap_counts.gap_days, gap_counts.segment, gap_counts.region, gap_counts.channel
),

members as (
    select period_end, is_provisional, 'all' as dimension, 'all' as member, gap_days, cast(sum(gap_count) as bigint) as gap_count
    from year_counts
    group by period_end, is_provisional, gap_days
    {%- for dimension in ('segment', 'region', 'channel') %}

    union all

    select
        period_end,
        is_provisional,
        '{{ dimension }}' as dimension,
        {{ dimension }} as member,
        gap_days,
        cast(sum(gap_count) as bigint) as gap_count
    from year_counts
    group by period_end, is_provisional, gap_days, {{ dimension }}
    {%- endfor %}
),

{{ percentile_of_counts('medians', 'members', ['period_end', 'is_provisional', 'dimension', 'member'], 'gap_days', 'gap_count', 50) }},

{{ percentile_of_counts('nine_in_ten', 'members', ['period_end', 'is_provisional', 'dimension', 'member'], 'gap_days', 'gap_count', 90) }},

percentiles as (
    select 'median_days_between' as metric_key, medians.* from medians
    union all
    select 'median_days_between_p90' as metric_key, nine_in_ten.* from nine_in_ten
),

final as (
    select
        metric_key,
        'month' as period_grain,
        period_end,
        dimension,
        member,
        percentile as value,
        observation_count as n,
        cast(1 as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        is_provisional
    from percentiles
)

select * from final
