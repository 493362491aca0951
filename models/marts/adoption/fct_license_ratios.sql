-- grain: one metric of licences, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = license_measures() %}
with license_months as (
    select license_months.*, customers.segment, customers.region, customers.channel
    from {{ ref('fct_license_months') }} as license_months
    inner join {{ ref('dim_customers') }} as customers on license_months.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member(
    'license_months', ['month_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band', 'product_family'], measures
) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
