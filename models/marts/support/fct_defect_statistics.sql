-- grain: one statistic of defects, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set parts = cost_ratio_parts() %}
with {{ subjects_with_customers('fct_case_costs') }},

defects as (
    select * from {{ ref('fct_defects') }} where is_customer_reported and fix_days is not null
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], parts) }},

{{ sums_of_periods(parts) }},

-- Cost of a defect case ÷ cost of another one; n is of the fewer.
cost_ratios as (
    select
        'defect_cost_ratio' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        {{ try_cast_as(
            'round((cast(defect_numerator as double) / nullif(defect_subjects, 0))'
            ~ ' / nullif(cast(other_numerator as double) / nullif(other_subjects, 0), 0), 6)', 'decimal(18, 6)'
        ) }} as value,
        cast(least(defect_subjects, other_subjects) as bigint) as n,
        cast(round(every_covered / cast(every_eligible as double), 6) as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        is_provisional
    from period_sums
    where defect_subjects > 0 and other_numerator > 0
),

fixed as (
    select
        'defect_fix_time' as metric_key,
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        coalesce(defects.product_family, 'unknown') as product_family,
        cast(defects.fix_days as double) as value
    from defects
    inner join periods
        on
            defects.resolved_month_number > periods.opening_month_number
            and defects.resolved_month_number <= periods.closing_month_number
),

fix_members as (
    select metric_key, period_grain, period_end, is_provisional, 'all' as dimension, 'all' as member, value from fixed
    union all
    select metric_key, period_grain, period_end, is_provisional, 'product_family' as dimension, product_family as member, value from fixed
),

measured as (
    select
        *,
        count(*) over (partition by period_grain, period_end, dimension, member) as eligible_count
    from fix_members
),

final as (
    select * from cost_ratios
    union all
    {{ medians_of('measured') }}
)

select * from final
