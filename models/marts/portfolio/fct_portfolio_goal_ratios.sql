-- grain: one metric of goals of portfolio managers over time, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = portfolio_goal_measures() %}
with subjects as (
    select * from {{ ref('fct_portfolio_goal_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['manager_id'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
