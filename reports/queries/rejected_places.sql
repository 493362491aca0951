-- grain: one rejected row; the first hundred, without their raw text
select
    system,
    table_name,
    file,
    record_number,
    line_number,
    reason
from marts.dq_rejected_rows
order by
    system,
    table_name,
    file,
    coalesce(line_number, record_number) nulls last,
    reason
limit 100
