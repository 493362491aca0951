-- grain: one customer at risk at the newest complete month-end; the hundred with most recurring revenue, with number and revenue of all
with newest_month as (

    select max(month_end) as month_end
    from marts.fct_customer_profiles

),

final as (

    select
        health.customer_id,
        coalesce(customers.customer_name, health.customer_id) as customer_name,
        customers.segment,
        customers.region,
        health.month_end,
        health.arr_amount,
        health.risk_class,
        health.primary_reason,
        health.next_step,
        health.renews_on,
        coalesce(health.last_engagement_date, profiles.last_engagement_date) as last_engagement_date,
        health.open_intervention_count,
        count(*) over () as customer_count
    from marts.fct_health_months as health
    inner join newest_month
        on health.month_end = newest_month.month_end
    left join marts.dim_customers as customers
        on health.customer_id = customers.customer_id
    left join marts.fct_customer_profiles as profiles
        on health.customer_id = profiles.customer_id
    where health.risk_class in ('defecting', 'reducing')
    qualify row_number() over (order by health.arr_amount desc nulls last, health.customer_id asc) <= 100

)

select * from final
order by arr_amount desc nulls last, customer_id
