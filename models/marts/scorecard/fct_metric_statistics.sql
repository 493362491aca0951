-- grain: one metric that is no ratio of sums, period, dimension and member
with ratios as (
    select * from {{ ref('fct_metric_ratios') }}
),

survival as (
    select * from {{ ref('fct_survival') }}
),

last_month as (
    select max(month_end) as period_end from {{ ref('int_months') }} where not is_provisional
),

retention_rates as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(numerator as double) / nullif(cast(denominator as double), 0) as rate,
        denominator,
        subject_count,
        is_provisional
    from ratios
    where metric_key in ('customer_retention_rate', 'net_revenue_retention')
),

-- 1 ÷ (1 − retention): years at today's rate; without an end at a retention of 1.
lifetimes as (
    select
        'expected_lifetime' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        case when rate < 1 then 1 / (1 - rate) end as value,
        cast(denominator as bigint) as n,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        is_provisional
    from retention_rates
    where metric_key = 'customer_retention_rate' and period_grain in ('t12m', 'year')
),

shown_rates as (
    select
        metric_key,
        period_end,
        dimension,
        member,
        is_provisional,
        case
            when
                case metric_key when 'customer_retention_rate' then cast(denominator as bigint) else subject_count end
                >= {{ var('min_denominator') }}
                then rate
        end as rate
    from retention_rates
    where period_grain = 'month'
),

month_rates as (
    select
        case metric_key when 'customer_retention_rate' then 'customer_retention' else metric_key end as base_key,
        period_end,
        dimension,
        member,
        is_provisional,
        stddev_pop(rate) over trailing_year as volatility,
        -- Twelve months in a row, each with a value that may be shown.
        case
            when {{ dbt.datediff('min(period_end) over trailing_year', 'period_end', 'month') }} = 11 then count(rate) over trailing_year  -- noqa: LT05
        end as month_count
    from shown_rates
    window trailing_year as (
        partition by metric_key, dimension, member order by period_end asc rows between 11 preceding and current row
    )
),

volatilities as (
    select
        concat(base_key, '_volatility') as metric_key,
        't12m' as period_grain,
        period_end,
        dimension,
        member,
        volatility as value,
        month_count as n,
        is_provisional
    from month_rates
    where month_count = 12
),

survival_rates as (
    select
        survival.dimension,
        survival.member,
        survival.tenure_month,
        survival.survival_rate,
        survival.ci_low,
        survival.ci_high,
        survival.at_risk_count,
        max(survival.at_risk_count) over (partition by survival.dimension, survival.member) as customer_count,
        max(survival.tenure_month) over (partition by survival.dimension, survival.member) as longest_tenure
    from survival
),

-- The curve's last step at or before a tenure, if the curve reaches it.
marks as (
    select 12 as tenure_month
    union all
    select 24 as tenure_month
    union all
    select 36 as tenure_month
),

survival_at_marks as (
    select
        marks.tenure_month,
        survival_rates.survival_rate,
        survival_rates.ci_low,
        survival_rates.ci_high,
        survival_rates.customer_count,
        row_number() over (partition by marks.tenure_month order by survival_rates.tenure_month desc) as steps_back
    from marks
    inner join survival_rates
        on survival_rates.tenure_month <= marks.tenure_month and survival_rates.longest_tenure >= marks.tenure_month
    where survival_rates.dimension = 'all'
),

medians as (
    select
        dimension,
        member,
        min(case when survival_rate <= 0.5 then tenure_month end) as median_months,
        min(case when coalesce(ci_low, survival_rate) <= 0.5 then tenure_month end) as median_low,
        min(case when coalesce(ci_high, survival_rate) <= 0.5 then tenure_month end) as median_high,
        max(customer_count) as customer_count
    from survival_rates
    group by dimension, member
),

statistics as (
    select metric_key, period_grain, period_end, dimension, member, value, n, ci_low, ci_high, is_provisional
    from lifetimes

    union all

    select metric_key, period_grain, period_end, dimension, member, value, n, null as ci_low, null as ci_high, is_provisional
    from volatilities

    union all

    select
        'relationship_survival_rate' as metric_key,
        't12m' as period_grain,
        last_month.period_end,
        'tenure_month' as dimension,
        cast(survival_at_marks.tenure_month as {{ dbt.type_string() }}) as member,
        cast(survival_at_marks.survival_rate as double) as value,
        survival_at_marks.customer_count as n,
        cast(survival_at_marks.ci_low as double) as ci_low,
        cast(survival_at_marks.ci_high as double) as ci_high,
        false as is_provisional
    from survival_at_marks
    cross join last_month
    where survival_at_marks.steps_back = 1

    union all

    select
        'relationship_survival_rate' as metric_key,
        't12m' as period_grain,
        last_month.period_end,
        'all' as dimension,
        'all' as member,
        cast(survival_at_marks.survival_rate as double) as value,
        survival_at_marks.customer_count as n,
        cast(survival_at_marks.ci_low as double) as ci_low,
        cast(survival_at_marks.ci_high as double) as ci_high,
        false as is_provisional
    from survival_at_marks
    cross join last_month
    where survival_at_marks.steps_back = 1 and survival_at_marks.tenure_month = 12

    union all

    select
        'survival_median_months' as metric_key,
        't12m' as period_grain,
        last_month.period_end,
        medians.dimension,
        medians.member,
        cast(medians.median_months as double) as value,
        medians.customer_count as n,
        cast(medians.median_low as double) as ci_low,
        cast(medians.median_high as double) as ci_high,
        false as is_provisional
    from medians
    cross join last_month
),

-- Statistics that themes bring along, all of one shape.
of_themes as (
    {%- for model in (
        'fct_adoption_wait_medians',
        'fct_band_gaps',
        'fct_benefit_wait_medians',
        'fct_catalog_age_medians',
        'fct_categories_practised',
        'fct_defect_statistics',
        'fct_effect_statistics',
        'fct_engagement_alignment',
        'fct_engagement_correlations',
        'fct_engagement_gap_medians',
        'fct_first_value_medians',
        'fct_payback_medians',
        'fct_platform_effects',
        'fct_resource_lifts',
        'fct_response_times',
        'fct_risk_statistics',
        'fct_service_return_statistics',
        'fct_selling_times',
        'fct_warning_response_times',
    ) %}
    select * from {{ ref(model) }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(round(value, 6) as decimal(18, 6)) as value,
        cast(n as bigint) as n,
        cast(1 as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(round(ci_low, 6) as decimal(18, 6)) as ci_low,
        cast(round(ci_high, 6) as decimal(18, 6)) as ci_high,
        is_provisional
    from statistics

    union all

    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        value,
        n,
        coverage,
        verdict,
        ci_low,
        ci_high,
        is_provisional
    from of_themes
)

select * from final
