-- grain: one version, customer, product, currency and stretch of closed month-ends with changed revenue; the fifty largest of each version
with ranked as (

    select
        products.*,
        coalesce(customers.customer_name, products.customer_id) as customer_name,
        count(*) over (partition by products.version) as row_count,
        row_number() over (
            partition by products.version
            order by
                abs(coalesce(products.mrr_original_after, 0) - coalesce(products.mrr_original_before, 0)) desc,
                products.customer_id asc, products.product_key asc, products.currency asc, products.first_month_end asc
        ) as row_rank
    from marts.fct_restatement_products as products
    left join marts.dim_customers as customers
        on products.customer_id = customers.customer_id

)

select *
from ranked
where row_rank <= 50
order by version desc, row_rank
