-- grain: one metric of the time to first value, period, dimension and member
-- noqa: disable=LT02,PRS
with first_value_months as (
    select * from {{ ref('fct_first_value_months') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known
),

members as (
    select first_value_months.*, 'all' as dimension, 'all' as member from first_value_months

    union all

    select first_value_months.*, 'onboarding_engaged' as dimension, onboarding_engaged as member from first_value_months
    {%- for dimension in ('segment', 'region', 'channel') %}

    union all

    select first_value_months.*, '{{ dimension }}' as dimension, coalesce(customers.{{ dimension }}, 'unknown') as member
    from first_value_months
    left join customers on first_value_months.customer_id = customers.customer_id
    {%- endfor %}
),

counted as (
    select
        month_end,
        dimension,
        member,
        is_provisional,
        count(observed_days) as customer_count,
        cast(count(observed_days) as double) / count(*) as coverage
    from members
    group by month_end, dimension, member, is_provisional
),

steps as (
    select
        month_end,
        dimension,
        member,
        observed_days,
        count(*) as exit_count,
        sum(case when is_value_reached then 1 else 0 end) as event_count
    from members
    where observed_days is not null
    group by month_end, dimension, member, observed_days
),

-- Kaplan-Meier: each day takes the share of those still waiting who reached value on it. Whoever is no longer looked at waits no longer.
factors as (
    select
        month_end,
        dimension,
        member,
        observed_days,
        event_count,
        sum(exit_count) over waiting as at_risk_count,
        1 - cast(event_count as double) / (sum(exit_count) over waiting) as waited
    from steps
    window waiting as (
        partition by month_end, dimension, member order by observed_days asc rows between current row and unbounded following
    )
),

terms as (
    select
        *,
        case
            when at_risk_count > event_count
                then cast(event_count as double) / (cast(at_risk_count as double) * (at_risk_count - event_count))
            else cast(0 as double)
        end as greenwood_term
    from factors
),

curve as (
    select
        month_end,
        dimension,
        member,
        observed_days,
        {{ running('waited', '*', 'so_far') }} as waiting_share,
        {{ running('greenwood_term', '+', 'so_far') }} as greenwood
    from terms
    window so_far as (
        partition by month_end, dimension, member order by observed_days asc rows between unbounded preceding and current row
    )
),

-- Log-log interval (95 %), inside 0 and 1 by construction; none where the curve stands at 0 or 1.
bounded as (
    select
        *,
        case
            when waiting_share > 0 and waiting_share < 1 and greenwood > 0
                then power(waiting_share, exp(1.959964 * sqrt(greenwood) / abs(ln(waiting_share))))
            else waiting_share
        end as low_share,
        case
            when waiting_share > 0 and waiting_share < 1 and greenwood > 0
                then power(waiting_share, exp(-1.959964 * sqrt(greenwood) / abs(ln(waiting_share))))
            else waiting_share
        end as high_share
    from curve
),

-- The first day by which half, or nine of ten, no longer wait.
quantiles as (
    select 'time_to_first_value' as metric_key, 0.5 as waiting_limit
    union all
    select 'time_to_first_value_p90' as metric_key, 0.1 as waiting_limit
),

days as (
    select
        quantiles.metric_key,
        bounded.month_end,
        bounded.dimension,
        bounded.member,
        min(case when round(bounded.waiting_share, 6) <= quantiles.waiting_limit then bounded.observed_days end) as reached_days,
        min(case when round(bounded.low_share, 6) <= quantiles.waiting_limit then bounded.observed_days end) as low_days,
        min(case when round(bounded.high_share, 6) <= quantiles.waiting_limit then bounded.observed_days end) as high_days
    from bounded
    cross join quantiles
    group by quantiles.metric_key, bounded.month_end, bounded.dimension, bounded.member
),

final as (
    select
        quantiles.metric_key,
        periods.period_grain,
        periods.period_end,
        counted.dimension,
        counted.member,
        cast(days.reached_days as decimal(18, 6)) as value,
        cast(counted.customer_count as bigint) as n,
        cast(counted.coverage as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(case when days.reached_days is not null then days.low_days end as decimal(18, 6)) as ci_low,
        cast(case when days.reached_days is not null then days.high_days end as decimal(18, 6)) as ci_high,
        counted.is_provisional
    from counted
    inner join periods on counted.month_end = periods.period_end
    cross join quantiles
    left join days
        on
            counted.month_end = days.month_end
            and counted.dimension = days.dimension
            and counted.member = days.member
            and quantiles.metric_key = days.metric_key
)

select * from final
