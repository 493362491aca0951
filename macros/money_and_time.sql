{# Money and months, once. #}

{# Half up (away from zero), six places. An amount that does not fit is unknown, and listed as missing. #}
{% macro round_amount(expression) %}{{ try_cast_as('round(' ~ expression ~ ', 6)', 'decimal(18, 6)') }}{% endmacro %}

{# An amount at a rate. What is too large to be true (a tenth of max_amount, so that no sum runs over) is unknown, and listed. #}
{% macro converted_amount(amount, rate) -%}
    case when not {{ is_beyond_reason(amount, rate) }} then {{ round_amount('cast(' ~ amount ~ ' as decimal(28, 6)) * ' ~ rate) }} end
{%- endmacro %}
{% macro is_beyond_reason(amount, rate) -%}
    abs(cast({{ amount }} as decimal(28, 6)) * {{ rate }}) >= {{ var('max_amount') // 10 }}
{%- endmacro %}

{# Months covered by a billing interval such as ('year', 1); null for an unknown interval and a count that is none. #}
{% macro interval_months(interval_column, count_column) -%}
    {%- set months -%}
        case lower({{ interval_column }})
            when 'year' then 12.0
            when 'annual' then 12.0
            when 'semi_annual' then 6.0
            when 'quarter' then 3.0
            when 'month' then 1.0
            when 'week' then 1 / cast({{ var('week_factor') }} as double)
            when 'day' then 1 / cast({{ var('day_factor') }} as double)
        end * case when coalesce({{ count_column }}, 1) > 0 then coalesce({{ count_column }}, 1) end
    {%- endset -%}
    {{ try_cast_as(months, 'decimal(18, 12)') }}
{%- endmacro %}

{# Months of the half-open range [start, end): whole calendar months where end = start + n months, else days × 12 / 365. #}
{% macro term_months(start_date, end_date) -%}
    cast(
        case
            when {{ add_months(start_date, dbt.datediff(start_date, end_date, 'month')) }} = {{ end_date }}
                then {{ dbt.datediff(start_date, end_date, 'month') }}
            else {{ dbt.datediff(start_date, end_date, 'day') }} * 12 / cast(365 as double)
        end as decimal(18, 12)
    )
{%- endmacro %}
