-- grain: one metric of customers with contracts due, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = customer_renewal_measures() %}
with {{ subjects_with_customers('fct_customer_renewals') }},

{{ sums_by_member(
    'subjects', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures
) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
