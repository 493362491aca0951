-- grain: one statistic of the months after the selling platform went live against those before, and period (year or trailing twelve months)
-- noqa: disable=LT02
with quotes as (
    select * from {{ ref('fct_service_quotes') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known and period_grain in ('year', 't12m')
),

live as (
    select
        {%- if var('selling_platform_go_live') %}
        max(cast('{{ var("selling_platform_go_live") }}' as date)) as live_date
        {%- else %}
        min(case when is_on_platform then created_date end) as live_date
        {%- endif %}
    from quotes
),

-- Six months on either side. It tells what came after, not why: descriptive.
sides as (
    select
        live.live_date,
        case when quotes.accepted_date < live.live_date then 'before' else 'after' end as side,
        quotes.has_error,
        cast(quotes.cycle_days as double) as cycle_days
    from quotes
    inner join live
        on
            quotes.accepted_date >= {{ add_months('live.live_date', -6) }}
            and quotes.accepted_date < {{ add_months('live.live_date', 6) }}
),

middles as (
    select
        side,
        percentile_cont(0.5) within group (order by cycle_days asc) as median_days,
        count(cycle_days) as timed_count,
        count(has_error) as judged_count,
        count(case when has_error then 1 end) / nullif(cast(count(has_error) as double), 0) as error_share,
        count(*) as accepted_count
    from sides
    group by side
),

compared as (
    select
        'platform_error_effect' as metric_key,
        later.error_share - earlier.error_share as value,
        least(later.judged_count, earlier.judged_count) as n,
        (later.judged_count + earlier.judged_count) / cast(later.accepted_count + earlier.accepted_count as double) as coverage
    from middles as later
    cross join middles as earlier
    where later.side = 'after' and earlier.side = 'before'

    union all

    select
        'platform_time_saved' as metric_key,
        earlier.median_days - later.median_days as value,
        least(later.timed_count, earlier.timed_count) as n,
        (later.timed_count + earlier.timed_count) / cast(later.accepted_count + earlier.accepted_count as double) as coverage
    from middles as later
    cross join middles as earlier
    where later.side = 'after' and earlier.side = 'before'
),

-- Told in the periods of twelve months in which the six months after were over.
final as (
    select
        compared.metric_key,
        periods.period_grain,
        periods.period_end,
        'all' as dimension,
        'all' as member,
        case
            when compared.n >= {{ var('effect_min_n') }} then cast(round(compared.value, 6) as decimal(18, 6))
        end as value,
        cast(compared.n as bigint) as n,
        cast(round(compared.coverage, 6) as decimal(18, 6)) as coverage,
        cast(case when compared.n < {{ var('effect_min_n') }} then 'insufficient_evidence' end as {{ dbt.type_string() }}) as verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        periods.is_provisional
    from compared
    cross join live
    inner join periods
        on
            {{ add_months('live.live_date', 6) }} <= periods.period_end
            and {{ add_months('live.live_date', 18) }} > periods.period_end
)

select * from final
