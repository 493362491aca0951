-- grain: one metric of releases, period, dimension and member
with release_months as (
    select * from {{ ref('fct_release_defects') }}
),

opened as (
    select * from {{ ref('fct_case_events') }} where event = 'opened' and case_reason = 'defect'
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- The seats of a product stand once in the total, however many releases of it are in use.
family_months as (
    select
        product_family,
        month_number,
        sum(defect_case_count) as defect_case_count,
        max(sold_quantity) as sold_quantity
    from release_months
    group by product_family, month_number
),

parts as (
    select 'release' as dimension, release_label as member, month_number, defect_case_count, sold_quantity from release_months
    union all
    select 'product_family' as dimension, product_family as member, month_number, defect_case_count, sold_quantity from family_months
    union all
    select 'all' as dimension, 'all' as member, month_number, defect_case_count, sold_quantity from family_months
),

sums as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        parts.dimension,
        parts.member,
        sum(case when parts.sold_quantity > 0 then parts.defect_case_count else 0 end) as defect_case_count,
        sum(case when parts.sold_quantity > 0 then parts.sold_quantity else 0 end) as sold_quantity,
        sum(parts.defect_case_count) as told_case_count
    from parts
    inner join periods
        on parts.month_number > periods.opening_month_number and parts.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end, periods.is_provisional, parts.dimension, parts.member
),

-- Defect cases that name no release have no place.
all_cases as (
    select periods.period_grain, periods.period_end, count(*) as defect_case_count
    from opened
    inner join periods
        on opened.month_number > periods.opening_month_number and opened.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end
),

final as (
    select
        'defect_rate_by_product_release' as metric_key,
        sums.period_grain,
        sums.period_end,
        sums.dimension,
        sums.member,
        cast(sums.defect_case_count as decimal(28, 6)) as numerator,
        cast(round(cast(sums.sold_quantity as double) / 100, 6) as decimal(28, 6)) as denominator,
        cast(round(sums.sold_quantity) as bigint) as subject_count,
        cast(
            coalesce(
                round(
                    sums.defect_case_count
                    / nullif(cast(case when sums.dimension = 'all' then all_cases.defect_case_count else sums.told_case_count end as double), 0),
                    6
                ),
                1
            ) as decimal(18, 6)
        ) as coverage,
        sums.is_provisional
    from sums
    left join all_cases on sums.period_grain = all_cases.period_grain and sums.period_end = all_cases.period_end
)

select * from final
