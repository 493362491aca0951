-- An export of which more than max_rejected_share cannot be read is not the export it seems to be; see dq_rejected_rows.
select *
from {{ ref('dq_row_accounting') }}
where rejected_count + malformed_count > {{ var('max_rejected_share') }} * (rows_in - after_as_of_count)
