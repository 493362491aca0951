{# Statistics, once. #}

{#
    Median and 90th percentile of `value` (double) in the columns of a statistic: <key> and <key>_p90 by period, dimension and member.
    The relation has metric_key, period_grain, period_end, dimension, member, is_provisional, value, and eligible_count: the subjects of
    the member, known or not.
#}
{% macro medians_of(relation) -%}
    {%- for suffix, share in (('', '0.5'), ('_p90', '0.9')) %}
    {%- set quantile = 'percentile_cont(' ~ share ~ ') within group (order by value asc)' %}
    select
        concat(metric_key, '{{ suffix }}') as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        -- Half of the last place, which binary fractions miss by a hair, goes away from zero on every engine.
        cast(round({{ quantile }} + case when {{ quantile }} < 0 then -1e-9 else 1e-9 end, 6) as decimal(18, 6)) as value,
        cast(count(value) as bigint) as n,
        cast(round(count(value) / cast(max(eligible_count) as double), 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        is_provisional
    from {{ relation }}
    group by metric_key, period_grain, period_end, dimension, member, is_provisional
    having count(value) > 0
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    End (- or +) of the 95 % interval of a rank correlation of so many pairs: tanh(atanh ρ ± 1.959964 × √((1 + ρ² ÷ 2) ÷ (n − 3))).
    Perfect order leaves no room for an interval.
#}
{% macro correlation_bound(correlation, pair_count, sign) -%}
    case
        when abs({{ correlation }}) >= 1 then {{ correlation }}
        else
            1 - 2 / (
                exp(
                    ln((1 + {{ correlation }}) / (1 - {{ correlation }}))
                    {{ sign }} 2 * 1.959964 * sqrt((1 + {{ correlation }} * {{ correlation }} / 2) / ({{ pair_count }} - 3))
                ) + 1
            )
    end
{%- endmacro %}

{#
    Steps of a model of how long customers wait for something, the last of which is `result`: days until all but a share of them have got
    there (quantiles: metric key → that share), Kaplan-Meier, so that those who have not got there yet count as long as they are looked
    at. The relation has month_end, dimension, member, is_provisional, observed_days (null = unknown) and `is_over`, a condition: got
    there. The query has `periods`.
#}
{% macro medians_of_waits(relation, is_over, quantiles, result='final') -%}
counted as (
    select
        month_end,
        dimension,
        member,
        is_provisional,
        count(observed_days) as customer_count,
        cast(count(observed_days) as double) / count(*) as coverage
    from {{ relation }}
    group by month_end, dimension, member, is_provisional
),

steps as (
    select
        month_end,
        dimension,
        member,
        observed_days,
        count(*) as exit_count,
        sum(case when {{ is_over }} then 1 else 0 end) as event_count
    from {{ relation }}
    where observed_days is not null
    group by month_end, dimension, member, observed_days
),

-- Kaplan-Meier: each day takes the share of those still waiting who got there on it. Whoever is no longer looked at waits no longer.
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
    {%- for key, limit in quantiles.items() %}
    select '{{ key }}' as metric_key, {{ limit }} as waiting_limit{{ ' union all' if not loop.last }}
    {%- endfor %}
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

{{ result }} as (
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
{%- endmacro %}
