{# The 15 characters that tell a Salesforce record; an id of 18 repeats their case in the last three. Any other text is left as it is. #}
{% macro salesforce_short_id(id) -%}
    case when length({{ id }}) = 18 and {{ id }} like '001%' then substr({{ id }}, 1, 15) else {{ id }} end
{%- endmacro %}
