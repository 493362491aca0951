-- grain: one month of tenure, for all customers
select
    tenure_month,
    at_risk_count,
    event_count,
    survival_rate,
    ci_low,
    ci_high
from marts.fct_survival
where
    dimension = 'all'
    and survival_rate is not null
order by tenure_month
