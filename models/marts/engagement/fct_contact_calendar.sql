-- grain: one calendar day or ISO week
{%- set channels = interaction_channels() %}
with interactions as (
    select customer_id, interaction_date, channel
    from {{ ref('int_interactions') }}
    where is_two_way or direction = 'inbound'
),

log as (
    select min(interaction_date) as first_date, max(interaction_date) as last_date
    from {{ ref('int_interactions') }}
),

months as (
    select * from {{ ref('int_months') }}
),

digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit{{ ' union all' if not loop.last }}
    {%- endfor %}
),

days as (
    select {{ add_days('months.month_start', '10 * tens.digit + ones.digit') }} as calendar_date
    from months
    cross join digits as tens
    cross join digits as ones
    where
        10 * tens.digit + ones.digit < 31
        and {{ add_days('months.month_start', '10 * tens.digit + ones.digit') }} <= months.snapshot_date
),

-- Weeks run from Monday to Sunday and belong to the month of their Sunday.
spine as (
    select 'day' as calendar_unit, calendar_date as begin_date, calendar_date as end_date
    from days

    union all

    select 'week' as calendar_unit, {{ add_days('calendar_date', -6) }} as begin_date, calendar_date as end_date
    from days
    where cast({{ dbt.date_trunc('week', 'calendar_date') }} as date) = {{ add_days('calendar_date', -6) }}
),

dated as (
    select 'day' as calendar_unit, interaction_date as end_date, customer_id, channel
    from interactions

    union all

    select
        'week' as calendar_unit,
        {{ add_days('cast(' ~ dbt.date_trunc('week', 'interaction_date') ~ ' as date)', 6) }} as end_date,
        customer_id,
        channel
    from interactions
),

contacts as (
    select
        calendar_unit,
        end_date,
        {%- for channel in channels %}
        count(distinct case when channel = '{{ channel }}' then customer_id end) as {{ channel }}_customer_count,
        {%- endfor %}
        count(distinct customer_id) as customer_count
    from dated
    group by calendar_unit, end_date
),

-- Before the first interaction on record nothing is known, and a log without an entry for a month has ended.
known as (
    select
        spine.*,
        coalesce(
            spine.begin_date >= log.first_date and spine.end_date <= {{ add_days('log.last_date', 31) }}, false
        ) as is_known
    from spine
    cross join log
),

final as (
    select
        known.calendar_unit,
        known.end_date,
        months.month_end,
        months.month_number,
        {%- for channel in channels %}
        cast(case when known.is_known then coalesce(contacts.{{ channel }}_customer_count, 0) end as bigint)
            as {{ channel }}_customer_count,
        {%- endfor %}
        cast(case when known.is_known then coalesce(contacts.customer_count, 0) end as bigint) as customer_count
    from known
    inner join months on known.end_date >= months.month_start and known.end_date <= months.month_end
    left join contacts on known.calendar_unit = contacts.calendar_unit and known.end_date = contacts.end_date
)

select * from final
