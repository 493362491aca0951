-- grain: one customer and period at whose opening it was active
with retention as (
    select * from {{ ref('fct_retention') }} where is_active_at_opening
),

periods as (
    select * from {{ ref('dim_periods') }}
),

success_months as (
    select * from {{ ref('fct_success_months') }}
),

health_months as (
    select * from {{ ref('fct_health_months') }}
),

-- What became of a customer is told by what was known of it before, never by what is known now.
joined as (
    select
        retention.*,
        coalesce(success_months.adoption_band, 'unknown') as adoption_band,
        coalesce(success_months.success_band, 'unknown') as success_band,
        coalesce(success_months.success_state, 'unknown') as success_state,
        coalesce(success_months.perception, 'unknown') as perception,
        case
            when health_months.health_score < {{ var('health_red_below') }} then 'red'
            when health_months.health_score < {{ var('health_green_from') }} then 'amber'
            when health_months.health_score is not null then 'green'
            else 'unknown'
        end as health_band
    from retention
    inner join periods on retention.period_grain = periods.period_grain and retention.period_end = periods.period_end
    left join success_months
        on retention.customer_id = success_months.customer_id and periods.opening_date = success_months.month_end
    left join health_months
        on retention.customer_id = health_months.customer_id and periods.opening_date = health_months.month_end
),

final as (
    select
        customer_id,
        period_grain,
        period_end,
        adoption_band,
        success_band,
        concat(adoption_band, '_', success_band) as adoption_success,
        success_state,
        perception,
        health_band,
        is_active_at_closing,
        opening_mrr_amount,
        closing_mrr_amount,
        cast(greatest(closing_mrr_amount - opening_mrr_amount, 0) as decimal(18, 6)) as expanded_mrr_amount,
        is_amount_known,
        is_provisional
    from joined
)

select * from final
