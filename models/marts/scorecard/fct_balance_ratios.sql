-- grain: one balance metric, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = balance_measures() %}
with customer_months as (
    select fct_customer_months.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_customer_months') }} as fct_customer_months
    inner join {{ ref('dim_customers') }} as customers on fct_customer_months.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

-- Millions of balances once, then few sums for every dimension.
{{ sums_by_member('customer_months', ['month_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
