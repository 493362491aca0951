-- grain: one metric of expansion by reps, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = rep_expansion_measures() %}
with subjects as (
    select * from {{ ref('fct_rep_expansions') }}
),

{{ sums_by_member('subjects', ['period_grain', 'period_end', 'is_provisional'], ['rep_status', 'party', 'region', 'segment'], measures) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
