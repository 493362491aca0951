-- grain: one metric of calendar days or ISO weeks, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = contact_calendar_measures('day') + contact_calendar_measures('week') %}
with contact_calendar as (
    select * from {{ ref('fct_contact_calendar') }}
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
    from contact_calendar
    group by month_number
),

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
