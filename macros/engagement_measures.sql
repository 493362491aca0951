{# The measures of engagement. What a measure is made of: macros/measures.sql. #}

{# Of one active customer at a month-end, from fct_engagement_months. #}
{% macro engagement_measures() %}
{{ return([
    {'key': 'engaged_customer_share', 'numerator': 'case when is_engaged then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_engaged is not null', 'excluded': 'out_of_scope'},
    {'key': 'engagements_per_engaged_customer', 'numerator': 'engagement_count',
     'denominator': 'cast(' ~ var('engagement_window_days') ~ ' / 30.0 as decimal(18, 6))', 'subject': 'coalesce(is_engaged, true)',
     'known': 'is_engaged is not null', 'excluded': 'out_of_scope'},
    {'key': 'silent_customer_share', 'numerator': 'case when is_silent then 1 else 0 end', 'denominator': '1', 'subject': 'tenure_months >= 6',
     'known': 'is_silent is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of the interactions of one customer in a period, from fct_engagement_periods. #}
{% macro engagement_flow_measures() %}
{%- set measures = [] -%}
{%- for tone in ('positive', 'negative') -%}
    {%- do measures.append({
        'key': tone ~ '_engagement_share', 'numerator': tone ~ '_count', 'denominator': 'rated_count', 'subject': 'engagement_count > 0',
        'known': 'rated_count > 0', 'excluded': 'out_of_scope', 'units': 'engagement_count', 'known_units': 'rated_count',
    }) -%}
{%- endfor -%}
{%- set known_modes = 'high_touch_count + digital_count + self_help_count + community_count' -%}
{%- for mode in ('high_touch', 'digital', 'self_help', 'community', 'unknown') -%}
    {%- do measures.append({
        'key': 'engagement_mode_mix', 'dimension': 'mode', 'member': mode,
        'numerator': 'interaction_count - (' ~ known_modes ~ ')' if mode == 'unknown' else mode ~ '_count',
        'denominator': 'interaction_count', 'subject': 'true', 'excluded': 'out_of_scope',
        'units': 'interaction_count', 'known_units': known_modes,
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
