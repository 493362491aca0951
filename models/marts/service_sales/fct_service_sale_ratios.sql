-- grain: one metric of services attached to sales, period, dimension and member
-- noqa: disable=LT02,PRS,LT05
{%- set measures = service_sale_measures() %}
with sales as (
    select * from {{ ref('fct_service_sales') }}
),

families as (
    select * from {{ ref('int_sale_families') }} where coalesce(is_eligible, true)
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- A sale counts in each family that it contains, with what of it is of the family; what was attached, with the sale.
sales_of_families as (
    select
        sales.month_number,
        families.product_family,
        sales.is_mature,
        sales.is_attached,
        {%- for line in service_lines() %}
        sales.is_{{ line }}_attached,
        {%- endfor %}
        families.is_eligible,
        sales.service_annual_amount,
        families.product_annual_amount,
        families.available_annual_amount
    from families
    inner join sales on families.sale_key = sales.sale_key
),

{{ sums_by_member('sales', ['month_number'], ['segment', 'region', 'channel', 'tenure_band'], measures) | replace('member_sums as', 'sale_sums as') }},

family_sums as (
    select
        month_number,
        'product_family' as dimension,
        product_family as member,
        {{ sum_measures(measures) }}
    from sales_of_families
    group by month_number, product_family
),

-- Where sales are made and by whom, together.
cell_sums as (
    select
        month_number,
        'region_channel' as dimension,
        concat(region, '|', channel) as member,
        {{ sum_measures(measures) }}
    from sales
    group by month_number, region, channel
),

member_sums as (
    select * from sale_sums
    union all
    select * from family_sums
    union all
    select * from cell_sums
),

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
