-- grain: one metric of support prices at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = support_price_measures() %}
with {{ subjects_with_customers('fct_support_price_months') }},

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member(
    'subjects', ['month_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band', 'support_tier'], measures
) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
