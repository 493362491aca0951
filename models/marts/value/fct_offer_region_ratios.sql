-- grain: one metric of offers and regions at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = offer_region_measures() %}
with subjects as (
    select * from {{ ref('fct_offer_region_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('subjects', ['month_end', 'is_provisional'], ['service_line', 'region'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
