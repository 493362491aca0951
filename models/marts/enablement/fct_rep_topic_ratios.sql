-- grain: one metric of modules of reps at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = rep_topic_measures() %}
with subjects as (
    select * from {{ ref('fct_rep_topic_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('subjects', ['month_end', 'is_provisional'], ['party', 'region', 'topic'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
