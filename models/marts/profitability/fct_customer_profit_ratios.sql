-- grain: one metric of what customers earn and cost, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = customer_profit_measures() %}
with {{ subjects_with_customers('fct_customer_profit_months') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel', 'tenure_band'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
