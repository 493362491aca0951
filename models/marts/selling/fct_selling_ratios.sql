-- grain: one metric of opportunities, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = selling_opportunity_measures() %}
with subjects as (
    select * from {{ ref('fct_selling_opportunities') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
