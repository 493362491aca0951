-- grain: one movement of one customer and month; the ten largest gains and losses of the twelve months that the bridge shows
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
        changes.customer_id,
        coalesce(customers.customer_name, changes.customer_id) as customer_name,
        customers.segment,
        customers.region,
        changes.month_end,
        changes.movement,
        changes.arr_change_amount,
        changes.opening_mrr_amount,
        changes.closing_mrr_amount,
        changes.loss_reason,
        case when changes.arr_change_amount > 0 then 'gain' else 'loss' end as effect
    from marts.fct_revenue_changes as changes
    cross join shown
    left join marts.dim_customers as customers
        on changes.customer_id = customers.customer_id
    where
        changes.month_end <= shown.period_end
        and changes.month_end > last_day(shown.period_end - interval 12 month)
        and changes.arr_change_amount <> 0
    qualify
        row_number() over (
            partition by changes.arr_change_amount > 0
            order by abs(changes.arr_change_amount) desc, changes.customer_id asc, changes.month_end asc
        ) <= 10

)

select * from final
order by effect, abs(arr_change_amount) desc, customer_id, month_end
