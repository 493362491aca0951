-- grain: one metric of engagement at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = engagement_measures() %}
with engagement_months as (
    select engagement_months.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_engagement_months') }} as engagement_months
    inner join {{ ref('dim_customers') }} as customers on engagement_months.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('engagement_months', ['month_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
