-- grain: one metric of contracts due, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = renewal_measures() %}
with renewals as (
    select * from {{ ref('fct_contract_renewals') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member(
    'renewals', ['month_number'], ['segment', 'region', 'channel', 'product_family', 'tenure_band', 'contract_kind'], measures
) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
