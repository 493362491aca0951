-- grain: one metric of invitations, period, dimension and member
with invitation_months as (
    select * from {{ ref('fct_survey_invitation_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

period_sums as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        case when grouping(invitation_months.survey_title) = 0 then 'survey' else 'all' end as dimension,
        coalesce(invitation_months.survey_title, 'all') as member,
        sum(invitation_months.completed_count) as numerator,
        sum(invitation_months.sent_count) as denominator
    from invitation_months
    inner join periods
        on
            invitation_months.month_number > periods.opening_month_number
            and invitation_months.month_number <= periods.closing_month_number
    group by grouping sets (  -- noqa: PRS
        (periods.period_grain, periods.period_end, periods.is_provisional),
        (periods.period_grain, periods.period_end, periods.is_provisional, invitation_months.survey_title)
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
