-- grain: one customer; the twenty largest of each start quarter, with revenue at the newest complete month
with newest_month as (

    select max(customer_months.month_end) as month_end
    from marts.fct_customer_months as customer_months
    inner join marts.dim_as_of as as_of
        on customer_months.month_end <= as_of.as_of_date

),

quarters as (

    select distinct cohort_quarter
    from marts.fct_cohort_retention
    qualify dense_rank() over (order by cohort_quarter desc) <= 12

),

final as (

    select
        quarters.cohort_quarter,
        customers.customer_id,
        customers.customer_name,
        customers.segment,
        customers.region,
        customers.first_revenue_date,
        customer_months.mrr_amount,
        customer_months.relationship_status,
        count(*) over (partition by quarters.cohort_quarter) as cohort_customer_count
    from marts.dim_customers as customers
    inner join quarters
        on
            customers.first_revenue_date >= quarters.cohort_quarter
            and customers.first_revenue_date < quarters.cohort_quarter + interval 3 month
    left join marts.fct_customer_months as customer_months
        on
            customers.customer_id = customer_months.customer_id
            and customer_months.month_end = (select month_end from newest_month)
    qualify
        row_number() over (
            partition by quarters.cohort_quarter
            order by customer_months.mrr_amount desc nulls last, customers.customer_id asc
        ) <= 20

)

select * from final
order by cohort_quarter, mrr_amount desc nulls last, customer_id
