-- grain: one metric of health beside success at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = success_health_measures() %}
with {{ subjects_with_customers('fct_success_health_months') }},

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('subjects', ['month_end', 'is_provisional'], ['segment', 'region', 'channel'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
