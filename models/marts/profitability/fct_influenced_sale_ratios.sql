-- grain: one metric of sales that services had a hand in, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = influenced_sale_measures() %}
-- Region and channel are those of the sale.
with subjects as (
    select sales.*, coalesce(customers.segment, 'unknown') as segment
    from {{ ref('fct_influenced_sales') }} as sales
    left join {{ ref('dim_customers') }} as customers on sales.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
