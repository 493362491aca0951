-- grain: one product family and customer; the ten largest changes of each family in the period of net revenue retention
with shown as (

    select max(period_end) as period_end
    from marts.fct_metric_values
    where
        metric_key = 'net_revenue_retention'
        and period_grain = 't12m'
        and dimension = 'all'
        and not coalesce(is_provisional, false)

),

final as (

    select
        families.product_family,
        families.customer_id as subject_id,
        coalesce(customers.customer_name, families.customer_id) as subject_name,
        customers.segment,
        customers.region,
        families.opening_mrr_amount,
        families.closing_mrr_amount,
        families.closing_mrr_amount - families.opening_mrr_amount as change_mrr_amount
    from marts.fct_retention_by_product_family as families
    inner join shown
        on families.period_end = shown.period_end
    left join marts.dim_customers as customers
        on families.customer_id = customers.customer_id
    where
        families.period_grain = 't12m'
        and families.opening_mrr_amount > 0
    qualify
        row_number() over (
            partition by families.product_family
            order by
                abs(families.closing_mrr_amount - families.opening_mrr_amount) desc,
                families.opening_mrr_amount desc,
                families.customer_id asc
        ) <= 10

)

select * from final
order by product_family, abs(change_mrr_amount) desc, opening_mrr_amount desc, subject_id
