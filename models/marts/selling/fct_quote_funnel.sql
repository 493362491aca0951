-- grain: one period and step that quotes for services created in it have come to
with quotes as (
    select * from {{ ref('fct_service_quotes') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

reached as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        quotes.configured_date is not null as is_configured,
        quotes.proposal_date is not null as is_proposed,
        quotes.accepted_date is not null as is_accepted,
        quotes.booked_date is not null as is_booked,
        quotes.scheduled_date is not null as is_scheduled
    from quotes
    inner join periods on quotes.created_date > periods.opening_date and quotes.created_date <= periods.period_end
),

steps as (
    {%- for step in ('created', 'configured', 'proposed', 'accepted', 'booked', 'scheduled') %}
    select
        period_grain,
        period_end,
        {{ loop.index }} as step_number,
        '{{ step }}' as step,
        {{ 'count(*)' if step == 'created' else 'count(case when is_' ~ step ~ ' then 1 end)' }} as quote_count,
        is_provisional
    from reached
    group by period_grain, period_end, is_provisional
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        period_grain,
        period_end,
        cast(step_number as integer) as step_number,
        step,
        cast(quote_count as integer) as quote_count,
        is_provisional
    from steps
)

select * from final
