-- grain: one class and outcome of the back-test: what was foretold, and what happened in the six months that followed
select
    risk_class,
    outcome,
    n,
    predicted_rate,
    observed_rate,
    ci_low,
    ci_high
from marts.fct_risk_calibration
where n > 0
order by outcome, predicted_rate, risk_class
