-- grain: one metric of lapsed service contracts, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = winback_measures() %}
with winbacks as (
    select * from {{ ref('fct_service_winbacks') }}
),

{{ sums_by_member(
    'winbacks', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel', 'product_family'], measures
) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
