-- grain: one metric of the time to first value, period, dimension and member
-- noqa: disable=LT02,PRS
with first_value_months as (
    select * from {{ ref('fct_first_value_months') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known
),

members as (
    select first_value_months.*, 'all' as dimension, 'all' as member from first_value_months

    union all

    select first_value_months.*, 'onboarding_engaged' as dimension, onboarding_engaged as member from first_value_months
    {%- for dimension in ('segment', 'region', 'channel') %}

    union all

    select first_value_months.*, '{{ dimension }}' as dimension, coalesce(customers.{{ dimension }}, 'unknown') as member
    from first_value_months
    left join customers on first_value_months.customer_id = customers.customer_id
    {%- endfor %}
),

{{ medians_of_waits('members', 'is_value_reached', {'time_to_first_value': 0.5, 'time_to_first_value_p90': 0.1}) }}

select * from final
