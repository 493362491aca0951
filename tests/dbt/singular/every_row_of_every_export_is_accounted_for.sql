-- Rows in the files = accepted + superseded + exact duplicates + rejected + malformed + from after as_of_date.
select *
from {{ ref('dq_row_accounting') }}
where not is_balanced
