-- grain: one metric of services held at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = service_measures() %}
with {{ subjects_with_customers('fct_service_months') }},

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('subjects', ['month_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
