-- grain: one statistic of how long cases take, period, dimension and member
with case_events as (
    select * from {{ ref('fct_case_events') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- A case closed without an agent waits for no reply of one.
timed as (
    select
        'time_to_resolution' as metric_key,
        case_key,
        month_number,
        coalesce(severity, 'unknown') as severity,
        resolution_basis as basis,
        cast(resolution_minutes as double) / 60 as value
    from case_events
    where event = 'closed'

    union all

    select
        'first_response_time' as metric_key,
        case_key,
        month_number,
        coalesce(severity, 'unknown') as severity,
        first_reply_basis as basis,
        cast(first_reply_minutes as double) / 60 as value
    from case_events
    where event = 'opened' and not coalesce(is_automated, false)
),

in_periods as (
    select
        timed.*,
        periods.period_grain,
        periods.period_end,
        periods.is_provisional
    from timed
    inner join periods
        on timed.month_number > periods.opening_month_number and timed.month_number <= periods.closing_month_number
),

eligible as (
    select metric_key, period_grain, period_end, 'all' as dimension, 'all' as member, count(*) as eligible_count
    from in_periods
    group by metric_key, period_grain, period_end

    union all

    select metric_key, period_grain, period_end, 'severity' as dimension, severity as member, count(*) as eligible_count
    from in_periods
    group by metric_key, period_grain, period_end, severity
),

-- Business and calendar minutes are never mixed: the total is of the one that most cases have.
bases as (
    select
        metric_key,
        period_grain,
        period_end,
        basis,
        row_number() over (partition by metric_key, period_grain, period_end order by count(*) desc, basis asc) as preference
    from in_periods
    where basis is not null
    group by metric_key, period_grain, period_end, basis
),

members as (
    select metric_key, period_grain, period_end, is_provisional, 'basis' as dimension, basis as member, value
    from in_periods
    where basis is not null

    union all

    select
        in_periods.metric_key,
        in_periods.period_grain,
        in_periods.period_end,
        in_periods.is_provisional,
        'severity' as dimension,
        in_periods.severity as member,
        in_periods.value
    from in_periods
    inner join bases
        on
            in_periods.metric_key = bases.metric_key
            and in_periods.period_grain = bases.period_grain
            and in_periods.period_end = bases.period_end
            and in_periods.basis = bases.basis
    where bases.preference = 1
),

measured as (
    select members.*, eligible.eligible_count
    from members
    inner join eligible
        on
            members.metric_key = eligible.metric_key
            and members.period_grain = eligible.period_grain
            and members.period_end = eligible.period_end
            and eligible.dimension = case members.dimension when 'basis' then 'all' else members.dimension end
            and eligible.member = case members.dimension when 'basis' then 'all' else members.member end
),

medians as (
    {{ medians_of('measured') }}
),

totals as (
    select medians.*
    from medians
    inner join bases
        on
            medians.metric_key in (bases.metric_key, concat(bases.metric_key, '_p90'))
            and medians.period_grain = bases.period_grain
            and medians.period_end = bases.period_end
            and medians.member = bases.basis
    where medians.dimension = 'basis' and bases.preference = 1
),

final as (
    select * from medians

    union all

    select
        metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        value,
        n,
        coverage,
        verdict,
        ci_low,
        ci_high,
        is_provisional
    from totals
)

select * from final
