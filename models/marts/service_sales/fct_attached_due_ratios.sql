-- grain: one metric of attached services that fell due for the first time, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = attached_due_measures() %}
with attached as (
    select
        segment,
        region,
        channel,
        is_attached,
        is_compulsory,
        has_product_discount,
        is_first_renewed,
        first_due_month_number as month_number
    from {{ ref('fct_service_sales') }}
    where first_due_month_number is not null
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('attached', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
