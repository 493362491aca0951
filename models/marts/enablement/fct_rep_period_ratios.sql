-- grain: one metric of reps in a period, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = rep_period_measures() %}
with subjects as (
    select * from {{ ref('fct_rep_periods') }}
),

{{ sums_by_member('subjects', ['period_grain', 'period_end', 'is_provisional'], ['party', 'region'], measures) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
