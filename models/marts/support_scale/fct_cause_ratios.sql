-- grain: one metric of causes with a fix, period, dimension and member
with cause_months as (
    select * from {{ ref('fct_cause_months') }} where is_after_fix
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

cause_periods as (
    select
        cause_months.cause,
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        sum(cause_months.prevented_cases) as prevented_cases,
        sum(case when cause_months.prevented_cases is not null then cause_months.expected_cases end) as expected_cases,
        count(cause_months.prevented_cases) as known_month_count
    from cause_months
    inner join periods
        on cause_months.month_number > periods.opening_month_number and cause_months.month_number <= periods.closing_month_number
    group by cause_months.cause, periods.period_grain, periods.period_end, periods.is_provisional
),

member_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        case when grouping(cause) = 0 then 'cause' else 'all' end as dimension,
        coalesce(cause, 'all') as member,
        coalesce(sum(prevented_cases), 0) as prevented_cases,
        sum(expected_cases) as expected_cases,
        count(case when known_month_count > 0 then 1 end) as subject_count,
        count(*) as eligible_count
    from cause_periods
    group by grouping sets ((period_grain, period_end, is_provisional), (period_grain, period_end, is_provisional, cause))  -- noqa: PRS
),

final as (
    select
        'prevented_cases' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(prevented_cases as decimal(28, 6)) as numerator,
        cast(null as decimal(28, 6)) as denominator,
        cast(subject_count as bigint) as subject_count,
        cast(subject_count / cast(eligible_count as double) as decimal(18, 6)) as coverage,
        is_provisional
    from member_sums

    union all

    -- What each fix changed, as a share of what was to be expected without it.
    select
        'issue_prevention_effect' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(-prevented_cases as decimal(28, 6)) as numerator,
        cast(coalesce(expected_cases, 0) as decimal(28, 6)) as denominator,
        cast(subject_count as bigint) as subject_count,
        cast(subject_count / cast(eligible_count as double) as decimal(18, 6)) as coverage,
        is_provisional
    from member_sums
)

select * from final
