-- grain: one metric of contracts due by value and price, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = value_renewal_measures() %}
with subjects as (
    select * from {{ ref('fct_value_renewals') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel', 'product_family'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
