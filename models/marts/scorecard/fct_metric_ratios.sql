-- grain: one metric that is a ratio of sums or an amount, period, dimension and member
with window_sums as (
    select * from {{ ref('fct_window_sums') }}
),

balance_sums as (
    select * from {{ ref('fct_balance_sums') }}
),

flow_sums as (
    select * from {{ ref('fct_flow_sums') }}
),

window_values as (
    {{ unpivot_measures(window_measures(), 'window_sums') }}
),

balance_values as (
    {{ unpivot_measures(balance_measures(), 'balance_sums') }}
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        cast(subject_count as bigint) as subject_count,
        coverage,
        is_provisional
    from window_values

    union all

    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        cast(subject_count as bigint) as subject_count,
        coverage,
        is_provisional
    from balance_values

    union all

    select metric_key, period_grain, period_end, dimension, member, numerator, denominator, subject_count, coverage, is_provisional
    from flow_sums
)

select * from final
