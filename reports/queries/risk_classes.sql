-- grain: one class of customers at the newest complete month-end
with newest_month as (

    select max(month_end) as month_end
    from marts.fct_customer_profiles

)

select
    coalesce(health.risk_class, 'unknown') as risk_class,
    health.month_end,
    count(*) as customer_count,
    sum(health.arr_amount) as arr_amount
from marts.fct_health_months as health
inner join newest_month
    on health.month_end = newest_month.month_end
group by all
order by risk_class
