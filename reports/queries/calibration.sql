-- grain: one outcome and class of the back-test in the newest twelve months: what was foretold, and what happened
select
    period_end,
    outcome,
    bin as risk_class,
    observed_count,
    predicted_rate,
    observed_rate,
    ci_low,
    ci_high
from marts.fct_risk_calibration
where bin_kind = 'class'
qualify rank() over (order by coalesce(is_provisional, false) asc, period_end desc) = 1
order by outcome, bin_order, bin
