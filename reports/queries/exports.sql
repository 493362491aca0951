-- grain: one export of an enabled system, with what an absent one leaves grey
with needs as (

    select
        system,
        table_name,
        string_agg(distinct needed_by, '; ' order by needed_by) as needed_by,
        count(*) filter (where not is_present) as missing_column_count
    from marts.dq_columns
    group by system, table_name

),

final as (

    select
        exports.system,
        exports.table_name,
        coalesce(exports.is_present, false) as is_present,
        exports.record_count,
        exports.rejected_count,
        coalesce(needs.missing_column_count, 0) as missing_column_count,
        needs.needed_by
    from marts.dq_exports as exports
    left join needs
        on
            exports.system = needs.system
            and exports.table_name = needs.table_name

)

select * from final
order by is_present, system, table_name
