-- grain: one customer and period that it opened with recurring revenue
with retention as (
    select * from {{ ref('fct_retention') }} where opening_mrr_amount > 0
),

periods as (
    select * from {{ ref('dim_periods') }}
),

opening_months as (
    select * from {{ ref('fct_adoption_months') }}
),

closing_months as (
    select * from {{ ref('fct_adoption_months') }}
),

-- What became of a customer is told by how much it used before, never by what it uses now.
final as (
    select
        retention.customer_id,
        retention.period_grain,
        retention.period_end,
        coalesce(opening_months.adoption_band, 'unknown') as adoption_band,
        retention.opening_mrr_amount,
        cast(greatest(retention.closing_mrr_amount - retention.opening_mrr_amount, 0) as decimal(18, 6)) as expanded_mrr_amount,
        opening_months.sold_quantity as opening_sold_quantity,
        cast(coalesce(closing_months.sold_quantity, 0) > opening_months.sold_quantity as boolean) as has_bought_licenses,
        retention.is_amount_known,
        retention.is_provisional
    from retention
    inner join periods on retention.period_grain = periods.period_grain and retention.period_end = periods.period_end
    left join opening_months
        on retention.customer_id = opening_months.customer_id and periods.opening_date = opening_months.month_end
    left join closing_months
        on retention.customer_id = closing_months.customer_id and retention.period_end = closing_months.month_end
)

select * from final
