-- grain: one period, adoption band and success band of customers at its opening
with windows as (
    select * from {{ ref('fct_success_windows') }}
),

-- Customers whose money is unknown count, their money does not.
final as (
    select
        period_grain,
        period_end,
        adoption_band,
        success_band,
        cast(count(*) as bigint) as customer_count,
        cast(count(case when is_active_at_closing then 1 end) as bigint) as kept_customer_count,
        cast(round(count(case when is_active_at_closing then 1 end) / cast(count(*) as double), 6) as decimal(18, 6))
            as customer_retention_rate,
        cast(12 * sum(case when is_amount_known then opening_mrr_amount end) as decimal(28, 6)) as opening_arr_amount,
        cast(12 * sum(case when is_amount_known then closing_mrr_amount end) as decimal(28, 6)) as closing_arr_amount,
        {{ try_cast_as(
            'round(cast(sum(case when is_amount_known then closing_mrr_amount end) as double)'
            ~ ' / nullif(cast(sum(case when is_amount_known then opening_mrr_amount end) as double), 0), 6)', 'decimal(18, 6)'
        ) }} as net_revenue_retention_rate,
        is_provisional
    from windows
    group by period_grain, period_end, adoption_band, success_band, is_provisional
)

select * from final
