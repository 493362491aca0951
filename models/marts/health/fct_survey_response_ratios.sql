-- grain: one metric of invitations, period, dimension and member
with invitation_months as (
    select * from {{ ref('fct_survey_invitation_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

in_periods as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        invitation_months.survey_title,
        invitation_months.completed_count,
        invitation_months.sent_count
    from invitation_months
    inner join periods
        on
            invitation_months.month_number > periods.opening_month_number
            and invitation_months.month_number <= periods.closing_month_number
),

period_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        case when grouping(survey_title) = 0 then 'survey' else 'all' end as dimension,
        coalesce(survey_title, 'all') as member,
        sum(completed_count) as numerator,
        sum(sent_count) as denominator
    from in_periods
    group by grouping sets (  -- noqa: PRS
        (period_grain, period_end, is_provisional),
        (period_grain, period_end, is_provisional, survey_title)
    )
),

final as (
    select
        'survey_response_rate' as metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        cast(denominator as bigint) as subject_count,
        cast(1 as decimal(18, 6)) as coverage,
        is_provisional
    from period_sums
)

select * from final
