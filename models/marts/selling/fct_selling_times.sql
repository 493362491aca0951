-- grain: one statistic of how long selling takes, period, dimension and member
with quote_events as (
    select * from {{ ref('fct_quote_events') }}
),

opportunities as (
    select * from {{ ref('fct_selling_opportunities') }}
),

needs as (
    select * from {{ ref('fct_deal_needs') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- Each dated by its end. Approval time is of quotes that people decide.
timed as (
    {%- for key, event, column in (
        ('configuration_time', 'configured', 'configuration_days'),
        ('proposal_creation_time', 'proposed', 'proposal_days'),
        ('approval_cycle_time', 'decided', 'approval_days'),
        ('service_quote_cycle_time', 'accepted', 'cycle_days'),
        ('quote_to_booking_lag', 'booked', 'booking_days'),
        ('booking_to_schedule_lag', 'scheduled', 'scheduling_days'),
    ) %}
    select '{{ key }}' as metric_key, month_number, segment, region, channel, cast({{ column }} as double) as value
    from quote_events
    where event = '{{ event }}'{{ " and approval_kind = 'manual'" if event == 'decided' }}

    union all
    {% endfor %}
    select
        'service_sales_cycle_days' as metric_key, month_number, segment, region, channel, cast(sales_cycle_days as double) as value
    from opportunities
    where is_service and is_won

    union all

    select 'service_discovery_time' as metric_key, month_number, segment, region, channel, cast(discovery_days as double) as value
    from needs
),

in_periods as (
    select timed.*, periods.period_grain, periods.period_end, periods.is_provisional
    from timed
    inner join periods
        on timed.month_number > periods.opening_month_number and timed.month_number <= periods.closing_month_number
),

members as (
    {%- for dimension in ('all', 'segment', 'region', 'channel') %}
    select
        metric_key,
        period_grain,
        period_end,
        is_provisional,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'all' else dimension }} as member,
        value
    from in_periods
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

measured as (
    select
        members.*,
        count(*) over (
            partition by members.metric_key, members.period_grain, members.period_end, members.dimension, members.member
        ) as eligible_count
    from members
),

final as (
    {{ medians_of('measured') }}
)

select * from final
