-- grain: one metric of value touches in terms in force, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = value_touch_measures() %}
with {{ subjects_with_customers('fct_value_touch_months') }},

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('subjects', ['month_end', 'is_provisional'], ['segment', 'region', 'channel'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
