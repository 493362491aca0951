{# The measures of engagement. What a measure is made of: macros/measures.sql. #}

{# Channels of interactions; unknown is one of them. #}
{% macro interaction_channels() -%}
{{ return(['meeting', 'phone', 'email', 'chat', 'in_app', 'portal', 'community', 'event', 'unknown']) }}
{%- endmacro %}

{# Bands of customers by how they are engaged; unknown is one of them. #}
{% macro engagement_bands() -%}
{{ return(['engaged', 'seldom', 'silent', 'unknown']) }}
{%- endmacro %}

{# Of one active customer at a month-end, from fct_engagement_months. #}
{% macro engagement_measures() %}
{%- set measures = [
    {'key': 'engaged_customer_share', 'numerator': 'case when is_engaged then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_engaged is not null', 'excluded': 'out_of_scope'},
    {'key': 'engagements_per_engaged_customer', 'numerator': 'engagement_count',
     'denominator': 'cast(' ~ var('engagement_window_days') ~ ' / 30.0 as decimal(18, 6))', 'subject': 'coalesce(is_engaged, true)',
     'known': 'is_engaged is not null', 'excluded': 'out_of_scope'},
    {'key': 'silent_customer_share', 'numerator': 'case when is_silent then 1 else 0 end', 'denominator': '1', 'subject': 'tenure_months >= 6',
     'known': 'is_silent is not null', 'excluded': 'out_of_scope'},
    {'key': 'over_engaged_customer_share', 'numerator': 'case when is_over_engaged then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_over_engaged is not null', 'excluded': 'out_of_scope'},
    {'key': 'high_touch_coverage_rate', 'numerator': 'case when high_touch_count > 0 then 1 else 0 end', 'denominator': '1',
     'subject': 'coalesce(arr_decile = 1, false)', 'known': 'high_touch_count is not null', 'excluded': 'out_of_scope'},
] -%}
{%- for band in engagement_bands() -%}
    {%- do measures.append({
        'key': 'visibility_by_engagement_band', 'dimension': 'engagement_band', 'member': band, 'denominator': '1',
        'numerator': 'case when is_use_known and is_satisfaction_known then 1 else 0 end',
        'subject': "engagement_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
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
{#- Whoever has nothing but one-way interactions that say nothing of their direction may have written to us. -#}
{%- set interacting = {
    'key': 'interacting_customers', 'denominator': none, 'subject': 'true', 'excluded': 'out_of_scope',
    'known': 'contact_count > 0 or undirected_count = 0',
} -%}
{%- do measures.append(dict(interacting, numerator='case when contact_count > 0 then 1 else 0 end')) -%}
{%- for channel in interaction_channels() -%}
    {%- do measures.append(dict(
        interacting, numerator='case when ' ~ channel ~ '_contact_count > 0 then 1 else 0 end', dimension='interaction_channel', member=channel,
    )) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one calendar day or ISO week, from fct_contact_calendar; n counts the days looked at. #}
{% macro contact_calendar_measures(calendar_unit) %}
{%- set days = 7 if calendar_unit == 'week' else 1 -%}
{%- set mean = {
    'key': 'interacting_customers_' ~ ('weekly' if calendar_unit == 'week' else 'daily'), 'numerator': 'customer_count', 'denominator': '1',
    'subject': "calendar_unit = '" ~ calendar_unit ~ "'", 'known': 'customer_count is not null', 'excluded': 'out_of_scope',
    'units': days, 'known_units': days,
} -%}
{%- set measures = [mean] -%}
{%- for channel in interaction_channels() -%}
    {%- do measures.append(dict(mean, numerator=channel ~ '_customer_count', dimension='interaction_channel', member=channel)) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer over a period, by its engagement at the opening, from fct_engagement_windows. #}
{% macro engagement_window_measures() %}
{%- set measures = [] -%}
{%- for band in engagement_bands() -%}
    {%- do measures.append({
        'key': 'retention_by_engagement_band', 'dimension': 'engagement_band', 'member': band, 'denominator': '1',
        'numerator': 'case when is_active_at_closing then 1 else 0 end',
        'subject': "engagement_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
    {%- do measures.append({
        'key': 'cost_to_serve_by_engagement_band', 'dimension': 'engagement_band', 'member': band, 'denominator': '1',
        'numerator': 'service_cost_amount', 'known': 'service_cost_amount is not null',
        'subject': "engagement_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one closed case, by how often its customer contacted us before it, from fct_case_contacts. #}
{% macro case_contact_measures() %}
{%- set measures = [] -%}
{%- for band in ('often', 'sometimes', 'never', 'unknown') -%}
    {%- do measures.append({
        'key': 'usability_issue_share_by_engagement_band', 'dimension': 'engagement_band', 'member': band, 'denominator': '1',
        'numerator': "case when confirmed_reason = 'usability_performance' then 1 else 0 end",
        'subject': "contact_band = '" ~ band ~ "'", 'known': 'confirmed_reason is not null', 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Engagement models of customers; none = no interaction at all, unknown = the log does not tell. #}
{% macro engagement_models() -%}
{{ return(['high_touch', 'digital', 'self_help', 'community', 'none', 'unknown']) }}
{%- endmacro %}

{# The health score that is compared with engagement, from fct_health_months. #}
{% macro score_beside_engagement() -%}
{{ return('score_without_engagement' if var('corr_health_excludes_engagement') else 'health_score') }}
{%- endmacro %}

{# Of one active customer at a month-end, by its engagement model, from fct_engagement_models. #}
{% macro engagement_model_measures() %}
{%- set measures = [] -%}
{%- for model in engagement_models() -%}
    {%- do measures.append({
        'key': 'health_by_engagement_model', 'dimension': 'engagement_model', 'member': model, 'denominator': '1',
        'numerator': 'score', 'known': 'score is not null',
        'subject': "is_active_at_closing and engagement_model = '" ~ model ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer with revenue in twelve months, by its engagement model, from fct_engagement_models. #}
{% macro relationship_margin_measures() %}
{%- set measures = [] -%}
{%- for model in engagement_models() -%}
    {%- do measures.append({
        'key': 'relationship_margin_by_engagement_model', 'dimension': 'engagement_model', 'member': model,
        'denominator': 'revenue_amount', 'numerator': 'revenue_amount - service_cost_amount',
        'known': 'revenue_amount is not null and service_cost_amount is not null',
        'subject': "coalesce(revenue_amount, 1) <> 0 and engagement_model = '" ~ model ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
