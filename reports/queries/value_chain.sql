-- grain: one pair of bands of customers, by what was known of them twelve months before the newest complete month
select
    period_grain,
    period_end,
    adoption_band,
    success_band,
    customer_count,
    kept_customer_count,
    customer_retention_rate,
    opening_arr_amount,
    net_revenue_retention_rate
from marts.fct_value_chain
where period_grain = 't12m'
qualify rank() over (order by coalesce(is_provisional, false) asc, period_end desc) = 1
order by adoption_band, success_band
