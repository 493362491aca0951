-- grain: one system, export and reason; where the first rows are found (the raw text stays in the warehouse)
select
    system,
    table_name,
    reason,
    count(*) as row_count,
    count(distinct file) as file_count,
    arg_min(file, (file, coalesce(line_number, record_number, 0))) as first_file,
    arg_min(
        case when line_number is not null then concat('line ', line_number) else concat('record ', record_number) end,
        (file, coalesce(line_number, record_number, 0))
    ) as first_place
from marts.dq_rejected_rows
group by system, table_name, reason
order by row_count desc, system, table_name, reason
