-- grain: one finding; the first twenty of each kind, with the number of all of that kind
select
    finding,
    system,
    subject_type,
    subject_id,
    detail,
    count(*) over (partition by finding) as finding_count
from marts.dq_findings
qualify
    row_number() over (
        partition by finding
        order by system nulls last, subject_type nulls last, subject_id nulls last, detail nulls last
    ) <= 20
order by finding, system nulls last, subject_type nulls last, subject_id nulls last, detail nulls last
