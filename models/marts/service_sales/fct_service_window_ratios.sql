-- grain: one metric of what became of services held, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = service_window_measures() %}
with {{ subjects_with_customers('fct_service_windows') }},

{{ sums_by_member(
    'subjects', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures
) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
