-- grain: one person, role, service line and month
with entries as (
    select * from {{ ref('int_time_entries') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        entries.person_key,
        coalesce(entries.role, 'unknown') as role,
        coalesce(entries.service_line, 'unknown') as service_line,
        months.month_end,
        months.month_number,
        cast(sum(entries.worked_minutes) as decimal(18, 6)) as worked_minutes,
        cast(sum(case when entries.is_high_value is not null then entries.worked_minutes else 0 end) as decimal(18, 6)) as valued_minutes,
        cast(sum(case when entries.is_high_value then entries.worked_minutes else 0 end) as decimal(18, 6)) as high_value_minutes,
        cast(count(*) as bigint) as entry_count,
        cast(count(entries.is_high_value) as bigint) as valued_entry_count,
        months.is_provisional
    from entries
    inner join months on entries.worked_date >= months.month_start and entries.worked_date <= months.month_end
    group by
        entries.person_key,
        coalesce(entries.role, 'unknown'),
        coalesce(entries.service_line, 'unknown'),
        months.month_end,
        months.month_number,
        months.is_provisional
)

select * from final
