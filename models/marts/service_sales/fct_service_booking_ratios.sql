-- grain: one metric of what selling services costs, and period
-- noqa: disable=LT02,PRS
{%- set measures = service_booking_measures() %}
with booking_months as (
    select * from {{ ref('fct_service_booking_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

member_sums as (
    select
        month_number,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from booking_months
    group by month_number
),

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
