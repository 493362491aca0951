-- grain: one export of an enabled system
with landed as (
    select *, {{ is_known_drop('drop_date') }} as is_known from {{ source('landing', 'files') }} where table_name is not null
),

files as (
    select
        system,
        table_name,
        {{ dbt.bool_or('is_known') }} as is_known,
        sum(record_count + malformed_count) as rows_in,
        sum(case when is_known then malformed_count else 0 end) as malformed_count,
        sum(case when is_known then 0 else malformed_count end) as later_malformed_count
    from landed
    group by system, table_name
),

statuses as (
    {%- for system, table_name in enabled_exports() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ system }}' as system,
        '{{ table_name }}' as table_name,
        _row_status as row_status,
        {{ record_count_of(system, table_name) }} as row_count
    from {{ ref('base_' ~ system ~ '__' ~ table_name) }}
    group by _row_status
    {%- endfor %}
),

counted as (
    select
        system,
        table_name,
        sum(case when row_status = 'accepted' then row_count else 0 end) as accepted_count,
        sum(case when row_status = 'superseded' then row_count else 0 end) as superseded_count,
        sum(case when row_status = 'exact_duplicate' then row_count else 0 end) as exact_duplicate_count,
        sum(case when row_status = 'rejected' then row_count else 0 end) as rejected_count,
        sum(case when row_status = 'after_as_of' then row_count else 0 end) as after_as_of_count
    from statuses
    group by system, table_name
),

exports as (
    {%- for system, table_name in enabled_exports() %}
    select '{{ system }}' as system, '{{ table_name }}' as table_name{{ ' union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        exports.system,
        exports.table_name,
        coalesce(files.is_known, false) as is_present,
        cast(coalesce(files.rows_in, 0) as bigint) as rows_in,
        cast(coalesce(counted.accepted_count, 0) as bigint) as accepted_count,
        cast(coalesce(counted.superseded_count, 0) as bigint) as superseded_count,
        cast(coalesce(counted.exact_duplicate_count, 0) as bigint) as exact_duplicate_count,
        cast(coalesce(counted.rejected_count, 0) as bigint) as rejected_count,
        cast(coalesce(files.malformed_count, 0) as bigint) as malformed_count,
        -- Malformed lines of later drops share the fate of their records.
        cast(coalesce(counted.after_as_of_count, 0) + coalesce(files.later_malformed_count, 0) as bigint) as after_as_of_count,
        coalesce(files.rows_in, 0)
        = coalesce(counted.accepted_count, 0) + coalesce(counted.superseded_count, 0) + coalesce(counted.exact_duplicate_count, 0)
        + coalesce(counted.rejected_count, 0) + coalesce(files.malformed_count, 0)
        + coalesce(counted.after_as_of_count, 0) + coalesce(files.later_malformed_count, 0) as is_balanced
    from exports
    left join files on exports.system = files.system and exports.table_name = files.table_name
    left join counted on exports.system = counted.system and exports.table_name = counted.table_name
)

select * from final
