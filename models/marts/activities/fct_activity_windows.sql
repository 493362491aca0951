-- grain: one customer and period at whose opening it was active or had recurring revenue
with retention as (
    select * from {{ ref('fct_retention') }} where is_active_at_opening or opening_mrr_amount > 0
),

periods as (
    select * from {{ ref('dim_periods') }}
),

opening_months as (
    select * from {{ ref('fct_activity_months') }} where is_active
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

success_months as (
    select * from {{ ref('fct_success_months') }}
),

-- What became of a customer is told by what was done with it before: nothing is done any more with one that has left.
final as (
    select
        retention.customer_id,
        retention.period_grain,
        retention.period_end,
        case
            when opening_months.is_half_job then 'up_to_half'
            when not opening_months.is_half_job then 'more_than_half'
            else 'unknown'
        end as activity_coverage_band,
        case opening_months.adoption_state
            when 'done' then 'received'
            when 'missing' then 'not_received'
            when 'not_due' then 'not_due'
            else 'unknown'
        end as adoption_activity_band,
        retention.is_active_at_opening,
        retention.is_active_at_closing,
        retention.opening_mrr_amount,
        cast(greatest(retention.closing_mrr_amount - retention.opening_mrr_amount, 0) as decimal(18, 6)) as expanded_mrr_amount,
        retention.is_amount_known,
        adoption_months.adopted_quantity as closing_adopted_quantity,
        adoption_months.sold_quantity as closing_sold_quantity,
        success_months.realization_numerator as closing_realization_numerator,
        success_months.realization_denominator as closing_realization_denominator,
        retention.is_provisional
    from retention
    inner join periods on retention.period_grain = periods.period_grain and retention.period_end = periods.period_end
    left join opening_months
        on retention.customer_id = opening_months.customer_id and periods.opening_date = opening_months.month_end
    left join adoption_months
        on retention.customer_id = adoption_months.customer_id and retention.period_end = adoption_months.month_end
    left join success_months
        on retention.customer_id = success_months.customer_id and retention.period_end = success_months.month_end
)

select * from final
