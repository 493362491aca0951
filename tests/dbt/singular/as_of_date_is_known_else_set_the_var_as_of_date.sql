-- Exports without any recorded day (created, updated, invoiced, synced, or a dated drop) do not tell their own day: set as_of_date.
select *
from {{ ref('int_as_of') }}
where as_of_date is null
