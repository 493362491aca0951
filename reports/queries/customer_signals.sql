-- grain: one customer with a page and measure of its health, at the newest complete month-end; heaviest first
select
    signals.customer_id,
    signals.measure,
    signals.score,
    signals.weight,
    signals.contribution_points
from marts.fct_health_signals as signals
inner join marts.fct_customer_profiles as profiles
    on
        signals.customer_id = profiles.customer_id
        and signals.month_end = profiles.month_end
where profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
order by signals.customer_id, signals.weight desc nulls last, signals.measure
