-- grain: one metric of learning over time, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = learning_event_measures() %}
with {{ subjects_with_customers('fct_learning_events') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
