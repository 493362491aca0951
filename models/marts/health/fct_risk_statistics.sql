-- grain: one metric of the back-test of risk classes, period, dimension and member
with backtest as (
    select * from {{ ref('fct_risk_backtest') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where period_grain <> 'month' and is_opening_known
),

-- Two tests: the customers said to leave against churn, all customers said to be at risk against churn or contraction.
tests as (
    select
        customer_id,
        month_end,
        risk_class,
        'defecting' as member,
        risk_class = 'defecting' as is_flagged,
        has_churned as has_outcome,
        cast(churn_probability as decimal(9, 6)) as probability
    from backtest

    union all

    select
        customer_id,
        month_end,
        risk_class,
        'defecting_or_reducing' as member,
        risk_class in ('defecting', 'reducing') as is_flagged,
        has_churned_or_contracted as has_outcome,
        cast(loss_probability as decimal(9, 6)) as probability
    from backtest
),

-- Windows of one customer overlap, so intervals and n count each customer once.
pooled as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        tests.member,
        cast(count(*) as double) as all_count,
        cast(count(case when tests.risk_class <> 'unknown' then 1 end) as double) as known_count,
        cast(count(case when tests.is_flagged then 1 end) as double) as flagged_count,
        cast(count(case when tests.has_outcome then 1 end) as double) as outcome_count,
        cast(count(case when tests.is_flagged and tests.has_outcome then 1 end) as double) as hit_count,
        cast(count(distinct case when tests.is_flagged then tests.customer_id end) as double) as flagged_customer_count,
        cast(count(distinct case when tests.has_outcome then tests.customer_id end) as double) as outcome_customer_count,
        cast(count(distinct case when tests.probability is not null then tests.customer_id end) as double) as estimated_customer_count,
        cast(count(tests.probability) as double) as estimated_count,
        -- Squares of decimals: no order of adding changes the last digit.
        cast(
            sum(
                case when tests.has_outcome then 1 - tests.probability else tests.probability end
                * case when tests.has_outcome then 1 - tests.probability else tests.probability end
            ) as double
        ) as squared_error
    from tests
    inner join periods on tests.month_end > periods.opening_date and tests.month_end <= periods.period_end
    group by periods.period_grain, periods.period_end, periods.is_provisional, tests.member
),

rates as (
    select
        *,
        hit_count / nullif(flagged_count, 0) as hit_rate,
        hit_count / nullif(outcome_count, 0) as found_rate,
        outcome_count / all_count as base_rate
    from pooled
),

statistics as (
    select
        'risk_precision' as metric_key,
        period_grain,
        period_end,
        member,
        hit_rate as value,
        flagged_customer_count as n,
        known_count / all_count as coverage,
        {{ wilson_end('hit_rate', 'flagged_customer_count', '-') }} as ci_low,
        {{ wilson_end('hit_rate', 'flagged_customer_count', '+') }} as ci_high,
        is_provisional
    from rates
    where flagged_count > 0

    union all

    select
        'risk_recall' as metric_key,
        period_grain,
        period_end,
        member,
        found_rate as value,
        outcome_customer_count as n,
        known_count / all_count as coverage,
        {{ wilson_end('found_rate', 'outcome_customer_count', '-') }} as ci_low,
        {{ wilson_end('found_rate', 'outcome_customer_count', '+') }} as ci_high,
        is_provisional
    from rates
    where outcome_count > 0

    union all

    select
        'risk_lift' as metric_key,
        period_grain,
        period_end,
        member,
        hit_rate / base_rate as value,
        flagged_customer_count as n,
        known_count / all_count as coverage,
        null as ci_low,
        null as ci_high,
        is_provisional
    from rates
    where flagged_count > 0 and outcome_count > 0

    union all

    select
        'risk_brier_score' as metric_key,
        period_grain,
        period_end,
        member,
        squared_error / estimated_count as value,
        estimated_customer_count as n,
        estimated_count / all_count as coverage,
        null as ci_low,
        null as ci_high,
        is_provisional
    from rates
    where estimated_count > 0
),

-- The total is the wider test.
placed as (
    select
        *,
        'class' as dimension,
        member as shown_member
    from statistics

    union all

    select
        *,
        'all' as dimension,
        'all' as shown_member
    from statistics
    where member = 'defecting_or_reducing'
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        shown_member as member,
        cast(round(value, 6) as decimal(18, 6)) as value,
        cast(n as bigint) as n,
        cast(round(coverage, 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(round(ci_low, 6) as decimal(18, 6)) as ci_low,
        cast(round(ci_high, 6) as decimal(18, 6)) as ci_high,
        is_provisional
    from placed
)

select * from final
