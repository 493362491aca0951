-- grain: one start quarter and number of months since the start; the twelve newest start quarters
select
    cohort_quarter,
    months_since_start,
    customer_count,
    opening_mrr_amount,
    mrr_amount,
    revenue_retention_rate,
    customer_retention_rate
from marts.fct_cohort_retention
where months_since_start between 0 and 36
qualify dense_rank() over (order by cohort_quarter desc) <= 12
order by cohort_quarter, months_since_start
