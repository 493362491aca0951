-- grain: one export; every row is in exactly one of the columns after rows_in
select
    system,
    table_name,
    rows_in,
    accepted_count,
    superseded_count,
    exact_duplicate_count,
    rejected_count,
    malformed_count,
    after_as_of_count,
    is_balanced
from marts.dq_row_accounting
order by system, table_name
