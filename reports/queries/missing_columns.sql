-- grain: one column of a contract that a present export does not have
select
    columns.system,
    columns.table_name,
    columns.column_name,
    coalesce(columns.is_required, false) as is_required,
    columns.needed_by
from marts.dq_columns as columns
inner join marts.dq_exports as exports
    on
        columns.system = exports.system
        and columns.table_name = exports.table_name
where
    exports.is_present
    and not columns.is_present
order by columns.system, columns.table_name, columns.column_name
