{# Business time, once. #}

{# Minutes of business between two UTC timestamps: Monday to Friday, within business_hours of the reporting zone. #}
{% macro business_minutes(start_time, end_time) -%}
    ({{ business_clock(end_time) }} - {{ business_clock(start_time) }})
{%- endmacro %}

{# Minutes of one day of business. #}
{% macro business_day_minutes() -%}
{%- set hours = var('business_hours').split('-') -%}
{{ return(60 * (hours[1] | int - hours[0] | int)) }}
{%- endmacro %}

{# Minutes of business since Monday, 5 January 1970: five days of every whole week, those of this week, and of this day. #}
{% macro business_clock(timestamp_expression) -%}
{%- set opening = 60 * (var('business_hours').split('-')[0] | int) -%}
{%- set length = business_day_minutes() -%}
{%- set local = reporting_time(timestamp_expression) -%}
{%- set days = dbt.datediff("cast('1970-01-05' as date)", 'cast(' ~ local ~ ' as date)', 'day') -%}
{%- set weeks = 'cast(floor(' ~ days ~ ' / 7.0) as integer)' -%}
{%- set weekday = '(' ~ days ~ ' - 7 * ' ~ weeks ~ ')' -%}
    (
        {{ 5 * length }} * {{ weeks }}
        + {{ length }} * least({{ weekday }}, 5)
        + case
            when {{ weekday }} < 5
                then least(greatest(60 * extract(hour from {{ local }}) + extract(minute from {{ local }}) - {{ opening }}, 0), {{ length }})
            else 0
        end
    )
{%- endmacro %}

{# Days from one UTC timestamp to a later one, with fractions; null where they are the wrong way round. #}
{% macro days_between(start_time, end_time) -%}
    case
        when {{ end_time }} >= {{ start_time }}
            then cast(
                round(({{ unix_seconds(end_time) }} - {{ unix_seconds(start_time) }}) / cast(86400 as double), 6) as decimal(18, 6)
            )
    end
{%- endmacro %}
