-- grain: one metric of the time of staff, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = time_measures() %}
with time_months as (
    select * from {{ ref('fct_time_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('time_months', ['month_number'], ['role', 'service_line'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
