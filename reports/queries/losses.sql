-- grain: one loss of one customer and month in the twelve months that the bridge shows; the fifty largest of each reason
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
        coalesce(changes.loss_reason, 'unknown') as loss_reason,
        changes.customer_id,
        coalesce(customers.customer_name, changes.customer_id) as customer_name,
        customers.segment,
        customers.region,
        changes.month_end,
        changes.movement,
        changes.arr_change_amount,
        changes.opening_mrr_amount,
        changes.closing_mrr_amount,
        count(*) over (partition by coalesce(changes.loss_reason, 'unknown')) as loss_count
    from marts.fct_revenue_changes as changes
    cross join shown
    left join marts.dim_customers as customers
        on changes.customer_id = customers.customer_id
    where
        changes.month_end <= shown.period_end
        and changes.month_end > last_day(shown.period_end - interval 12 month)
        and (changes.loss_reason is not null or changes.arr_change_amount < 0)
    qualify
        row_number() over (
            partition by coalesce(changes.loss_reason, 'unknown')
            order by changes.arr_change_amount asc, changes.customer_id asc, changes.month_end asc
        ) <= 50

)

select * from final
order by loss_reason, arr_change_amount, customer_id, month_end
