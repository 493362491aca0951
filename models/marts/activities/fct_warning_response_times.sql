-- grain: one statistic of how soon early warnings are answered, period, dimension and member
with warnings as (
    select * from {{ ref('fct_early_warnings') }} where response_days is not null
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

in_periods as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        warnings.warning_signal,
        cast(warnings.response_days as double) as value
    from warnings
    inner join periods
        on warnings.month_number > periods.opening_month_number and warnings.month_number <= periods.closing_month_number
),

members as (
    select period_grain, period_end, is_provisional, 'all' as dimension, 'all' as member, value from in_periods
    union all
    select period_grain, period_end, is_provisional, 'warning_signal' as dimension, warning_signal as member, value from in_periods
),

-- Those without an answer have no time.
measured as (
    select
        'early_warning_response_time' as metric_key,
        members.*,
        count(*) over (
            partition by members.period_grain, members.period_end, members.dimension, members.member
        ) as eligible_count
    from members
),

final as (
    {{ medians_of('measured') }}
)

select * from final
