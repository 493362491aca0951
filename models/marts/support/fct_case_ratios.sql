-- grain: one metric of cases, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = case_measures() + case_scale_measures() + case_service_measures() %}
with {{ subjects_with_customers('fct_case_events') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
