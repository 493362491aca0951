-- grain: one quote for services and what happened to it (created, configured, proposed, decided, accepted, booked or scheduled)
{%- set events = quote_events() %}
with quotes as (
    select * from {{ ref('fct_service_quotes') }}
),

months as (
    select * from {{ ref('int_months') }}
),

events as (
    {%- for event, column in events.items() %}
    select '{{ event }}' as event, quotes.{{ column }} as event_date, quotes.*
    from quotes
    where quotes.{{ column }} is not null
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        events.quote_key,
        events.event,
        events.event_date,
        months.month_end,
        months.month_number,
        events.customer_id,
        events.segment,
        events.region,
        events.channel,
        events.configuration_days,
        events.proposal_days,
        events.cycle_days,
        events.approval_days,
        events.booking_days,
        events.scheduling_days,
        events.is_guided,
        events.is_on_demand,
        events.is_on_platform,
        events.is_proposal_automated,
        events.has_bundle,
        events.has_custom_sow,
        events.is_esigned,
        events.approval_kind,
        events.is_automatic,
        events.is_rejected,
        events.has_error,
        events.is_right_first_time,
        events.service_line_count,
        events.custom_line_count,
        events.known_custom_line_count,
        events.policy_line_count,
        events.compliant_line_count,
        events.ruled_line_count,
        events.fitting_line_count,
        events.list_amount,
        events.net_amount,
        events.booking_count,
        events.rekeyed_booking_count,
        months.is_provisional
    from events
    inner join months on events.event_date >= months.month_start and events.event_date <= months.snapshot_date
)

select * from final
