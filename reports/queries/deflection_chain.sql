-- grain: one step from visits of self-service to cases that were not needed, in the newest complete twelve months
select
    period_grain,
    period_end,
    step,
    share_of_step_before,
    visits
from marts.fct_deflection_chain
where
    period_grain = 't12m'
    and dimension = 'all'
qualify rank() over (order by coalesce(is_provisional, false) asc, period_end desc) = 1
order by step_number
