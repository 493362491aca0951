-- grain: one metric, period grain, period end, dimension and member
with ratios as (
    select * from {{ ref('fct_metric_ratios') }}
),

statistics as (
    select * from {{ ref('fct_metric_statistics') }}
),

-- A metric may answer two inventory rows; its properties are the same in both.
metrics as (
    select
        metric_key,
        max(unit) as unit,
        -- A number of things is an amount, unless it is one per something, which shows decimals.
        max(unit) in ('money', 'count') and max(format) <> 'decimal' as is_amount,
        max(direction) as direction,
        max(n_counts) as n_counts,
        max(interval_method) as interval_method,
        max(maturity_days) as maturity_days,
        min(min_coverage) as min_coverage
    from {{ ref('dim_metrics') }}
    group by metric_key
),

targets as (
    select * from {{ ref('dim_targets') }}
),

clock as (
    select as_of.as_of_date, as_of.policy_hash, data_through.data_through_date
    from {{ ref('dim_as_of') }} as as_of
    cross join {{ ref('int_data_through') }} as data_through
),

measured as (
    select
        ratios.metric_key,
        ratios.period_grain,
        ratios.period_end,
        ratios.dimension,
        ratios.member,
        ratios.numerator,
        ratios.denominator,
        case
            -- Where no subject's amount is known, the sum is unknown, not zero.
            when ratios.subject_count = 0 then null
            when ratios.denominator is null or metrics.is_amount
                then {{ try_cast_as('ratios.numerator', 'decimal(18, 6)') }}
            -- A ratio to next to nothing may not fit: no value. Half of the last place, which binary fractions miss by a hair, goes up.
            else {{ try_cast_as(
                'round(cast(ratios.numerator as double) / nullif(ratios.denominator, 0) + case when ratios.numerator < 0 then -1e-12 else 1e-12 end, 6)',
                'decimal(18, 6)'
            ) }}
        end as value,
        case when metrics.n_counts = 'denominator' then cast(ratios.denominator as bigint) else ratios.subject_count end as n,
        ratios.coverage,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        not metrics.is_amount as is_rate,
        metrics.interval_method = 'wilson' as has_wilson_interval,
        ratios.is_provisional,
        metrics.maturity_days,
        metrics.min_coverage,
        metrics.direction,
        cast(null as {{ dbt.type_string() }}) as own_verdict
    from ratios
    inner join metrics on ratios.metric_key = metrics.metric_key

    union all

    select
        statistics.metric_key,
        statistics.period_grain,
        statistics.period_end,
        statistics.dimension,
        statistics.member,
        cast(null as decimal(28, 6)) as numerator,
        cast(null as decimal(28, 6)) as denominator,
        statistics.value,
        statistics.n,
        statistics.coverage,
        statistics.ci_low,
        statistics.ci_high,
        true as is_rate,
        false as has_wilson_interval,
        statistics.is_provisional,
        metrics.maturity_days,
        metrics.min_coverage,
        metrics.direction,
        statistics.verdict as own_verdict
    from statistics
    inner join metrics on statistics.metric_key = metrics.metric_key
),

-- Wilson score interval, 95 %, where numerator and denominator count the same independent subjects.
with_intervals as (
    select
        *,
        case
            when has_wilson_interval and denominator > 0
                then (cast(numerator as double) + 1.920729 - 1.959964 * sqrt(
                    cast(numerator as double) * (cast(denominator as double) - cast(numerator as double)) / cast(denominator as double)
                    + 0.960365
                )) / (cast(denominator as double) + 3.841459)
        end as wilson_low,
        case
            when has_wilson_interval and denominator > 0
                then (cast(numerator as double) + 1.920729 + 1.959964 * sqrt(
                    cast(numerator as double) * (cast(denominator as double) - cast(numerator as double)) / cast(denominator as double)
                    + 0.960365
                )) / (cast(denominator as double) + 3.841459)
        end as wilson_high
    from measured
),

judged as (
    select
        with_intervals.metric_key,
        with_intervals.period_grain,
        with_intervals.period_end,
        with_intervals.dimension,
        with_intervals.member,
        with_intervals.numerator,
        with_intervals.denominator,
        with_intervals.value as unsuppressed_value,
        with_intervals.n,
        with_intervals.coverage,
        coalesce(with_intervals.ci_low, cast(round(with_intervals.wilson_low, 6) as decimal(18, 6))) as ci_low,
        coalesce(with_intervals.ci_high, cast(round(with_intervals.wilson_high, 6) as decimal(18, 6))) as ci_high,
        with_intervals.is_rate and with_intervals.n < {{ var('min_denominator') }} as is_suppressed,
        with_intervals.min_coverage,
        with_intervals.direction,
        with_intervals.own_verdict,
        cast(
            with_intervals.is_provisional
            or clock.as_of_date < {{ add_days('with_intervals.period_end', 'with_intervals.maturity_days') }}
            or coalesce(with_intervals.period_end > {{ add_days('clock.data_through_date', 7) }}, false) as boolean
        ) as is_provisional,
        clock.policy_hash
    from with_intervals
    cross join clock
),

suppressed as (
    select
        *,
        case when not is_suppressed then unsuppressed_value end as value,
        case
            when n is null or n = 0 or (unsuppressed_value is null and not is_suppressed and own_verdict is null) then 'no_data'
            when is_provisional then 'provisional'
            when own_verdict = 'insufficient_evidence' then own_verdict
            when is_suppressed then 'small_n'
            when coverage < min_coverage then 'low_coverage'
            else coalesce(own_verdict, 'ok')
        end as verdict
    from judged
),

-- The newest target that holds at the period's end: the member's own, else the company's.
candidates as (
    select
        suppressed.metric_key,
        suppressed.period_grain,
        suppressed.period_end,
        suppressed.dimension,
        suppressed.member,
        targets.target,
        targets.red_threshold,
        targets.amber_threshold,
        row_number() over (
            partition by suppressed.metric_key, suppressed.period_grain, suppressed.period_end, suppressed.dimension, suppressed.member
            order by case when targets.member = suppressed.member then 0 else 1 end asc, targets.period_start desc
        ) as preference
    from suppressed
    inner join targets
        on
            suppressed.metric_key = targets.metric_key
            and suppressed.period_grain = targets.period_grain
            and targets.period_start <= suppressed.period_end
            and (
                (targets.dimension = suppressed.dimension and targets.member = suppressed.member)
                or (targets.dimension = 'all' and targets.member = 'all')
            )
),

final as (
    select
        suppressed.metric_key,
        suppressed.period_grain,
        suppressed.period_end,
        suppressed.dimension,
        suppressed.member,
        suppressed.numerator,
        suppressed.denominator,
        suppressed.value,
        suppressed.n,
        suppressed.coverage,
        case when not suppressed.is_suppressed then suppressed.ci_low end as ci_low,
        case when not suppressed.is_suppressed then suppressed.ci_high end as ci_high,
        suppressed.verdict,
        candidates.target,
        case
            when suppressed.verdict not in ('ok', 'supported') or candidates.target is null then 'grey'
            when suppressed.direction = 'lower_is_better'
                then case
                    when suppressed.value <= candidates.amber_threshold then 'green'
                    when suppressed.value > candidates.red_threshold then 'red'
                    else 'amber'
                end
            when suppressed.value >= candidates.amber_threshold then 'green'
            when suppressed.value < candidates.red_threshold then 'red'
            else 'amber'
        end as status,
        prior_period.value as prior_value,
        prior_year.value as prior_year_value,
        suppressed.is_provisional,
        suppressed.policy_hash
    from suppressed
    left join candidates
        on
            suppressed.metric_key = candidates.metric_key
            and suppressed.period_grain = candidates.period_grain
            and suppressed.period_end = candidates.period_end
            and suppressed.dimension = candidates.dimension
            and suppressed.member = candidates.member
            and candidates.preference = 1
    left join suppressed as prior_period
        on
            suppressed.metric_key = prior_period.metric_key
            and suppressed.period_grain = prior_period.period_grain
            and suppressed.dimension = prior_period.dimension
            and suppressed.member = prior_period.member
            and prior_period.period_end = {{ add_days(
                add_months(add_days('suppressed.period_end', 1), "-case suppressed.period_grain when 'quarter' then 3 when 'year' then 12 else 1 end"), -1
            ) }}
    left join suppressed as prior_year
        on
            suppressed.metric_key = prior_year.metric_key
            and suppressed.period_grain = prior_year.period_grain
            and suppressed.dimension = prior_year.dimension
            and suppressed.member = prior_year.member
            and prior_year.period_end = {{ add_days(add_months(add_days('suppressed.period_end', 1), -12), -1) }}
)

select * from final
