-- grain: one metric that is a ratio of sums or an amount, period, dimension and member
with window_ratios as (
    select * from {{ ref('fct_window_ratios') }}
),

balance_ratios as (
    select * from {{ ref('fct_balance_ratios') }}
),

flow_ratios as (
    select * from {{ ref('fct_flow_ratios') }}
),

final as (
    select * from window_ratios
    union all
    select * from balance_ratios
    union all
    select * from flow_ratios
)

select * from final
