-- grain: one metric of the interactions of a period, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = engagement_flow_measures() %}
with engagement_periods as (
    select engagement_periods.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_engagement_periods') }} as engagement_periods
    inner join {{ ref('dim_customers') }} as customers on engagement_periods.customer_id = customers.customer_id
),

{{ sums_by_member('engagement_periods', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel'], measures) }},

{{ ratios_of_sums('member_sums', measures) }}

select * from final
