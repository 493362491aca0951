-- grain: one metric of a customer's use, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = adoption_measures() %}
with adoption_months as (
    select adoption_months.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_adoption_months') }} as adoption_months
    inner join {{ ref('dim_customers') }} as customers on adoption_months.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('adoption_months', ['month_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
