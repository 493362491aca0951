-- grain: one step that quotes for services have come to, in the newest complete twelve months
select
    period_grain,
    period_end,
    step,
    quote_count
from marts.fct_quote_funnel
where period_grain = 't12m'
qualify rank() over (order by coalesce(is_provisional, false) asc, period_end desc) = 1
order by step_number
