-- grain: one metric of service offers over time, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = offer_flow_measures() %}
with subjects as (
    select * from {{ ref('fct_portfolio_offer_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['service_line'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
