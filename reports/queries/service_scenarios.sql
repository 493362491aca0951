-- grain: one kind of revenue; what one more dollar invested in services goes with, in the newest quarter
select
    revenue,
    period_end,
    extra_cost_amount,
    low_amount,
    mid_amount,
    high_amount,
    verdict
from marts.fct_service_scenarios
qualify rank() over (order by period_end desc) = 1
order by case revenue when 'direct' then 1 when 'indirect' then 2 else 3 end, revenue
