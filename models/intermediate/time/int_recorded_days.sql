-- grain: one export of an enabled system
with recorded_days as (
    {%- for system, table_name in enabled_exports() %}
    {{ 'union all' if not loop.first }}
    select
        cast('{{ system }}' as {{ dbt.type_string() }}) as system,
        cast('{{ table_name }}' as {{ dbt.type_string() }}) as table_name,
        _recorded_date as recorded_date,
        {{ record_count_of(system, table_name) }} as row_count
    from {{ ref('base_' ~ system ~ '__' ~ table_name) }}
    where _row_status = 'accepted' and _recorded_date is not null
    group by _recorded_date
    {%- endfor %}
),

exports as (
    {%- for system, table_name in enabled_exports() %}
    select '{{ system }}' as system, '{{ table_name }}' as table_name{{ ' union all' if not loop.last }}
    {%- endfor %}
),

-- A typing error is a few rows, years ahead of all others: after a gap of more than a year come no more rows than may be rejected.
all_days as (
    select
        recorded_date,
        lag(recorded_date) over (order by recorded_date asc) as earlier_date,
        sum(sum(row_count)) over (order by recorded_date desc rows unbounded preceding) as row_count_from_here,
        sum(sum(row_count)) over () as row_count
    from recorded_days
    group by recorded_date
),

strays as (
    select min(recorded_date) as first_stray_date
    from all_days
    where
        {{ dbt.datediff('earlier_date', 'recorded_date', 'day') }} > 366
        and row_count_from_here <= {{ var('max_rejected_share') }} * row_count
),

believable_days as (
    select recorded_days.system, recorded_days.table_name, recorded_days.recorded_date
    from recorded_days
    cross join strays
    where strays.first_stray_date is null or recorded_days.recorded_date < strays.first_stray_date
),

newest as (
    select system, table_name, max(recorded_date) as believable_date
    from believable_days
    group by system, table_name
),

newest_elsewhere as (
    select newest.system, newest.table_name, max(others.believable_date) as elsewhere_date
    from newest
    inner join newest as others
        on newest.system <> others.system or newest.table_name <> others.table_name
    group by newest.system, newest.table_name
),

-- An export that runs more than a month ahead of all others must not move the clock alone: it counts as far as they reach.
counted as (
    select believable_days.system, believable_days.table_name, max(believable_days.recorded_date) as clock_date
    from believable_days
    left join newest_elsewhere
        on believable_days.system = newest_elsewhere.system and believable_days.table_name = newest_elsewhere.table_name
    where
        newest_elsewhere.elsewhere_date is null
        or believable_days.recorded_date <= {{ add_days('newest_elsewhere.elsewhere_date', 31) }}
    group by believable_days.system, believable_days.table_name
),

recorded as (
    select system, table_name, max(recorded_date) as newest_recorded_date
    from recorded_days
    group by system, table_name
),

final as (
    select
        exports.system,
        exports.table_name,
        recorded.newest_recorded_date,
        counted.clock_date,
        coalesce(counted.clock_date < recorded.newest_recorded_date, recorded.newest_recorded_date is not null) as is_far_ahead
    from exports
    left join recorded on exports.system = recorded.system and exports.table_name = recorded.table_name
    left join counted on exports.system = counted.system and exports.table_name = counted.table_name
)

select * from final
