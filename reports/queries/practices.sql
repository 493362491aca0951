-- grain: one activity of customer success on which the company has judged itself, the largest difference first
select
    category,
    activity_key,
    month_end,
    assessed_date,
    is_practised,
    due_customer_count,
    known_customer_count,
    covered_customer_count,
    covered_share,
    finding
from marts.fct_practice_assessments
where assessed_date is not null
order by gap_share desc nulls last, activity_key
