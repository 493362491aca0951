-- grain: one customer and period in which its recurring revenue expanded, or in which it bought something once
with retention as (
    select * from {{ ref('fct_retention') }} where opening_mrr_amount > 0 and closing_mrr_amount > 0
),

families as (
    select * from {{ ref('fct_retention_by_product_family') }}
),

revenue_periods as (
    select * from {{ ref('fct_revenue_periods') }} where is_existing_customer
),

revenue_months as (
    select * from {{ ref('int_revenue_months') }}
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

-- Of each family by itself: seats given up in one are no reason to call those added in another no up-sell.
drivers as (
    select
        customer_id,
        period_grain,
        period_end,
        sum(greatest(seat_amount, 0) + greatest(tier_amount, 0)) as upsell_mrr_amount,
        sum(greatest(cross_sell_amount, 0)) as cross_sell_mrr_amount
    from families
    where seat_amount > 0 or tier_amount > 0 or cross_sell_amount > 0
    group by customer_id, period_grain, period_end
),

recurring as (
    select
        retention.customer_id,
        retention.period_grain,
        retention.period_end,
        coalesce(drivers.upsell_mrr_amount, 0) as upsell_mrr_amount,
        coalesce(drivers.cross_sell_mrr_amount, 0) as cross_sell_mrr_amount,
        retention.expansion_mrr_amount,
        retention.is_amount_known
    from retention
    left join drivers
        on
            retention.customer_id = drivers.customer_id
            and retention.period_grain = drivers.period_grain
            and retention.period_end = drivers.period_end
    where drivers.customer_id is not null or retention.expansion_mrr_amount > 0 or not retention.is_amount_known
),

once as (
    select
        revenue_periods.customer_id,
        revenue_periods.period_grain,
        revenue_periods.period_end,
        case
            when count(revenue_months.non_recurring_revenue_amount) = count(*) then sum(revenue_months.non_recurring_revenue_amount)
        end as one_time_amount
    from revenue_periods
    inner join periods
        on revenue_periods.period_grain = periods.period_grain and revenue_periods.period_end = periods.period_end
    inner join revenue_months
        on
            revenue_periods.customer_id = revenue_months.customer_id
            and revenue_months.month_start > periods.opening_date
            and revenue_months.month_start <= periods.period_end
    group by revenue_periods.customer_id, revenue_periods.period_grain, revenue_periods.period_end
),

joined as (
    select
        coalesce(recurring.customer_id, once.customer_id) as customer_id,
        coalesce(recurring.period_grain, once.period_grain) as period_grain,
        coalesce(recurring.period_end, once.period_end) as period_end,
        coalesce(recurring.upsell_mrr_amount, 0) as upsell_mrr_amount,
        coalesce(recurring.cross_sell_mrr_amount, 0) as cross_sell_mrr_amount,
        coalesce(recurring.expansion_mrr_amount, 0) as expansion_mrr_amount,
        case when once.customer_id is null then 0 else once.one_time_amount end as one_time_amount,
        coalesce(recurring.is_amount_known, true) as is_amount_known
    from recurring
    full outer join once
        on
            recurring.customer_id = once.customer_id
            and recurring.period_grain = once.period_grain
            and recurring.period_end = once.period_end
),

final as (
    select
        joined.customer_id,
        joined.period_grain,
        joined.period_end,
        cast(joined.upsell_mrr_amount as decimal(18, 6)) as upsell_mrr_amount,
        cast(joined.cross_sell_mrr_amount as decimal(18, 6)) as cross_sell_mrr_amount,
        cast(joined.expansion_mrr_amount as decimal(18, 6)) as expansion_mrr_amount,
        -- More credit than purchases is no revenue.
        cast(case when joined.one_time_amount < 0 then 0 else joined.one_time_amount end as decimal(18, 6)) as one_time_amount,
        cast(joined.is_amount_known as boolean) as is_amount_known,
        periods.is_provisional
    from joined
    inner join periods on joined.period_grain = periods.period_grain and joined.period_end = periods.period_end
    where
        joined.upsell_mrr_amount <> 0
        or joined.cross_sell_mrr_amount <> 0
        or joined.expansion_mrr_amount <> 0
        or coalesce(joined.one_time_amount, 1) > 0
        or not joined.is_amount_known
)

select * from final
