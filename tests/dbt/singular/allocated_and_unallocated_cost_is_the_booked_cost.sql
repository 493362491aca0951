-- What customers are charged with, and what is nobody's, is what finance booked for the month, to the last digit.
with booked as (
    select month_end, sum(cost_amount) as booked_amount
    from {{ ref('int_service_cost_months') }}
    group by month_end
    having count(*) = count(cost_amount)
),

charged as (
    select month_end, sum(cost_amount) as charged_amount
    from {{ ref('fct_service_profit_months') }}
    group by month_end
)

select booked.month_end, booked.booked_amount, charged.charged_amount
from booked
left join charged on booked.month_end = charged.month_end
where charged.charged_amount is distinct from booked.booked_amount
