-- grain: one customer with a page of its own; those with most recurring revenue, at most as many as `postsale render --customer-pages` says
select
    profiles.* exclude (last_engagement_date),
    coalesce(customers.customer_name, profiles.customer_id) as customer_name,
    customers.segment,
    customers.region,
    customers.channel,
    customers.first_revenue_date,
    customers.is_unmatched,
    coalesce(health.last_engagement_date, profiles.last_engagement_date) as last_engagement_date,
    health.risk_class,
    health.primary_reason,
    health.next_step,
    health.health_score,
    health.known_weight_share,
    health.relationship_state,
    health.renews_on,
    health.driver_1,
    health.driver_2,
    health.driver_3,
    health.open_intervention_count,
    health.vendor_score,
    success.realization_rate,
    success.success_state,
    success.has_open_plan,
    (select count(*) from marts.fct_customer_profiles) as customer_count
from marts.fct_customer_profiles as profiles
left join marts.dim_customers as customers
    on profiles.customer_id = customers.customer_id
left join marts.fct_health_months as health
    on
        profiles.customer_id = health.customer_id
        and profiles.month_end = health.month_end
left join marts.fct_success_months as success
    on
        profiles.customer_id = success.customer_id
        and profiles.month_end = success.month_end
where profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
order by profiles.arr_rank
