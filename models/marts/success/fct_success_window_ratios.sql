-- grain: one metric of what became of customers by their success, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = success_window_measures() %}
with {{ subjects_with_customers('fct_success_windows') }},

{{ sums_by_member('subjects', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel'], measures) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
