{# Money and months, once. #}

{# Half up (away from zero), six places. #}
{% macro round_amount(expression) %}cast(round({{ expression }}, 6) as decimal(18, 6)){% endmacro %}

{# Months covered by a billing interval such as ('year', 1); null for an unknown interval. #}
{% macro interval_months(interval_column, count_column) -%}
    cast(
        case lower({{ interval_column }})
            when 'year' then 12.0
            when 'annual' then 12.0
            when 'semi_annual' then 6.0
            when 'quarter' then 3.0
            when 'month' then 1.0
            when 'week' then 1.0 / {{ var('week_factor') }}
            when 'day' then 1.0 / {{ var('day_factor') }}
        end * coalesce({{ count_column }}, 1) as decimal(18, 12)
    )
{%- endmacro %}

{# Months of the half-open range [start, end): whole calendar months where end = start + n months, else days × 12 / 365. #}
{% macro term_months(start_date, end_date) -%}
    cast(
        case
            when {{ add_months(start_date, dbt.datediff(start_date, end_date, 'month')) }} = {{ end_date }}
                then {{ dbt.datediff(start_date, end_date, 'month') }}
            else {{ dbt.datediff(start_date, end_date, 'day') }} * 12.0 / 365
        end as decimal(18, 12)
    )
{%- endmacro %}
