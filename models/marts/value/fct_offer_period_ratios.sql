-- grain: one metric of offers in a period, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = offer_period_measures() %}
with subjects as (
    select * from {{ ref('fct_offer_periods') }}
),

{{ sums_by_member('subjects', ['period_grain', 'period_end', 'is_provisional'], ['service_line'], measures) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
