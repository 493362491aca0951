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

-- A balance at the end of a quarter or year is the balance of its last month.
period_sums as (
    select member_sums.*, periods.period_grain, periods.period_end
    from member_sums
    inner join periods on member_sums.month_end = periods.period_end
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
