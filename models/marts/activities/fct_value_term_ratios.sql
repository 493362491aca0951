-- grain: one metric of value touches in terms that ended, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = value_term_measures() %}
with {{ subjects_with_customers('fct_value_touch_months') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
