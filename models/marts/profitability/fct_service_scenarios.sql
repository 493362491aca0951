-- grain: one kind of revenue and quarter-end: what one more dollar invested in services would bring
with slopes as (
    select * from {{ ref('fct_marginal_service_revenue') }}
),

final as (
    select
        revenue,
        period_end,
        cast(1 as decimal(18, 6)) as extra_cost_amount,
        ci_low as low_amount,
        slope as mid_amount,
        ci_high as high_amount,
        verdict
    from slopes
)

select * from final
