-- grain: one metric of expansion, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = expansion_measures() %}
with {{ subjects_with_customers('fct_expansion_periods') }},

{{ sums_by_member('subjects', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel'], measures) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
