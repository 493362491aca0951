-- grain: one export of an enabled system
with newest as (
    {%- for system, table_name in enabled_exports() %}
    {{ 'union all' if not loop.first }}
    select
        cast('{{ system }}' as {{ dbt.type_string() }}) as system,
        cast('{{ table_name }}' as {{ dbt.type_string() }}) as table_name,
        max(case when _row_status = 'accepted' then _recorded_date end) as newest_recorded_date
    from {{ ref('base_' ~ system ~ '__' ~ table_name) }}
    {%- endfor %}
),

-- The day known to all the other exports together: an export that runs far ahead of it must not move the clock alone.
compared as (
    select
        newest.system,
        newest.table_name,
        newest.newest_recorded_date,
        max(others.newest_recorded_date) as newest_elsewhere_date
    from newest
    left join newest as others
        on newest.system <> others.system or newest.table_name <> others.table_name
    group by newest.system, newest.table_name, newest.newest_recorded_date
),

final as (
    select
        system,
        table_name,
        newest_recorded_date,
        coalesce({{ dbt.datediff('newest_elsewhere_date', 'newest_recorded_date', 'day') }} > 31, false) as is_far_ahead  -- noqa: LT05
    from compared
)

select * from final
