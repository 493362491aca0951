-- grain: one metric of early warnings, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = early_warning_measures() %}
with {{ subjects_with_customers('fct_early_warnings') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel', 'warning_signal'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
