-- grain: one metric of barriers found at onboarding, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = onboarding_barrier_measures() %}
with {{ subjects_with_customers('fct_onboarding_barriers') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
