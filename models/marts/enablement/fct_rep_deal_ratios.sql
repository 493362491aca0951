-- grain: one metric of deals of reps, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = rep_deal_measures() %}
with subjects as (
    select * from {{ ref('fct_rep_deals') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['rep_status', 'party', 'region', 'segment'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
