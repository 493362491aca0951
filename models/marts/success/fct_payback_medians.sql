-- grain: one metric of the time to payback, period, dimension and member
-- noqa: disable=LT02,PRS
with {{ subjects_with_customers('fct_customer_roi') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- Whose money is unknown may have been paid back or not: it lowers coverage.
members as (
    {%- for dimension in ('all', 'segment', 'region', 'channel') %}
    select
        month_end,
        is_provisional,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as member,
        customer_id,
        investment_amount is not null as is_known,
        payback_months
    from subjects
    where benefit_count > 0 and coalesce(investment_amount, 1) > 0
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        month_end,
        is_provisional,
        dimension,
        member,
        count(case when is_known then 1 end) as known_count,
        count(*) as every_count
    from members
    group by month_end, is_provisional, dimension, member
),

-- Who has not been paid back yet waits longer than everybody who has.
placed as (
    select
        *,
        row_number() over (
            partition by month_end, dimension, member
            order by case when payback_months is null then 1 else 0 end asc, payback_months asc, customer_id asc
        ) as place
    from members
    where is_known
),

quantiles as (
    select 'payback_months' as metric_key, 0.5 as share
    union all
    select 'payback_months_p90' as metric_key, 0.9 as share
),

positions as (
    select
        counted.*,
        quantiles.metric_key,
        floor(1 + quantiles.share * (counted.known_count - 1)) as low_place,
        ceil(1 + quantiles.share * (counted.known_count - 1)) as high_place,
        1 + quantiles.share * (counted.known_count - 1) - floor(1 + quantiles.share * (counted.known_count - 1)) as way
    from counted
    cross join quantiles
    where counted.known_count > 0
),

final as (
    select
        positions.metric_key,
        periods.period_grain,
        periods.period_end,
        positions.dimension,
        positions.member,
        cast(
            round(
                cast(lower_ones.payback_months as double)
                + cast(positions.way as double) * cast(upper_ones.payback_months - lower_ones.payback_months as double), 6
            ) as decimal(18, 6)
        ) as value,
        cast(positions.known_count as bigint) as n,
        cast(round(positions.known_count / cast(positions.every_count as double), 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        positions.is_provisional
    from positions
    inner join periods on positions.month_end = periods.period_end
    inner join placed as lower_ones
        on
            positions.month_end = lower_ones.month_end
            and positions.dimension = lower_ones.dimension
            and positions.member = lower_ones.member
            and positions.low_place = lower_ones.place
    inner join placed as upper_ones
        on
            positions.month_end = upper_ones.month_end
            and positions.dimension = upper_ones.dimension
            and positions.member = upper_ones.member
            and positions.high_place = upper_ones.place
)

select * from final
