-- grain: one metric of demand and its reduction, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = demand_measures() %}
with demand_periods as (
    select * from {{ ref('fct_demand_periods') }}
),

period_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        dimension,
        member,
        {{ sum_measures(measures) }}
    from demand_periods
    group by period_grain, period_end, is_provisional, dimension, member
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
