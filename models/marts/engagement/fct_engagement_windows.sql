-- grain: one customer and period at whose opening it was active
with retention as (
    select * from {{ ref('fct_retention') }} where is_active_at_opening
),

periods as (
    select * from {{ ref('dim_periods') }}
),

opening_months as (
    select * from {{ ref('fct_engagement_months') }}
),

cost_periods as (
    select * from {{ ref('fct_customer_cost_periods') }}
),

-- Whether a customer stayed is told by how it was engaged before: of those that left nobody hears at the end.
-- What it cost likewise: a customer is no longer quiet once it has cost something.
final as (
    select
        retention.customer_id,
        retention.period_grain,
        retention.period_end,
        coalesce(opening_months.engagement_band, 'unknown') as engagement_band,
        retention.is_active_at_closing,
        cost_periods.service_cost_amount,
        retention.is_provisional
    from retention
    inner join periods on retention.period_grain = periods.period_grain and retention.period_end = periods.period_end
    left join opening_months
        on retention.customer_id = opening_months.customer_id and periods.opening_date = opening_months.month_end
    left join cost_periods
        on
            retention.customer_id = cost_periods.customer_id
            and retention.period_grain = cost_periods.period_grain
            and retention.period_end = cost_periods.period_end
)

select * from final
