-- grain: one service offer, kind of purchase (new or renewal) and period in which it was bought
with purchases as (
    select * from {{ ref('fct_program_purchases') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

in_periods as (
    select
        purchases.*,
        periods.period_grain,
        periods.period_end,
        periods.is_provisional
    from purchases
    inner join periods
        on purchases.month_number > periods.opening_month_number and purchases.month_number <= periods.closing_month_number
),

totals as (
    select sale_kind, period_grain, period_end, count(distinct customer_id) as all_buyer_count
    from in_periods
    group by sale_kind, period_grain, period_end
),

bought as (
    select
        sale_kind,
        offer_id,
        period_grain,
        period_end,
        is_provisional,
        count(distinct customer_id) as buyer_count,
        count(distinct deal_key) as order_count,
        sum(service_amount) as service_amount
    from in_periods
    group by sale_kind, offer_id, period_grain, period_end, is_provisional
),

-- Ranked by buyers, then amount, then id; of fewer than ten buyers in all nothing is ranked.
final as (
    select
        bought.sale_kind,
        bought.offer_id,
        bought.period_grain,
        bought.period_end,
        cast(bought.buyer_count as integer) as buyer_count,
        cast(totals.all_buyer_count as integer) as all_buyer_count,
        cast(bought.order_count as integer) as order_count,
        cast(bought.service_amount as decimal(18, 6)) as service_amount,
        cast(
            case
                when totals.all_buyer_count >= 10
                    then row_number() over (
                        partition by bought.sale_kind, bought.period_grain, bought.period_end
                        order by bought.buyer_count desc, bought.service_amount desc nulls last, bought.offer_id asc
                    )
            end as integer
        ) as purchase_rank,
        bought.is_provisional
    from bought
    inner join totals
        on
            bought.sale_kind = totals.sale_kind
            and bought.period_grain = totals.period_grain
            and bought.period_end = totals.period_end
)

select * from final
