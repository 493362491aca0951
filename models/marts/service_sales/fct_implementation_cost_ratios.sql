-- grain: one metric of what customers spend, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = implementation_cost_measures() %}
with costs as (
    select * from {{ ref('fct_implementation_costs') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

member_sums as (
    select
        month_end,
        is_provisional,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from costs
    group by month_end, is_provisional
),

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
