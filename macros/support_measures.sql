{# The measures of support. What a measure is made of: macros/measures.sql. #}

{# Of one case that was opened or closed, from fct_case_events. #}
{% macro case_measures() %}
{%- set measures = [
    {'key': 'defect_issue_share', 'numerator': "case when case_reason = 'defect' then 1 else 0 end",
     'known': 'case_reason is not null'},
    {'key': 'preventable_case_share', 'numerator': 'case when is_preventable then 1 else 0 end', 'known': 'is_preventable is not null'},
    {'key': 'automated_resolution_share', 'numerator': 'case when is_automated then 1 else 0 end', 'known': 'is_automated is not null'},
    {'key': 'kb_link_rate', 'numerator': 'case when has_article then 1 else 0 end', 'known': 'has_article is not null'},
    {'key': 'kb_reuse_rate', 'numerator': 'reused_link_count', 'denominator': 'dated_link_count', 'known': 'dated_link_count is not null'},
    {'key': 'case_volume', 'denominator': none, 'event': 'opened', 'numerator': '1', 'known': 'true'},
    {'key': 'feature_request_count', 'denominator': none, 'event': 'opened',
     'numerator': "case when case_reason = 'enhancement' then 1 else 0 end", 'known': 'case_reason is not null'},
] -%}
{%- for reason in ('how_to', 'install_config', 'defect', 'usability_performance', 'enhancement', 'other', 'unknown') -%}
    {%- do measures.append({
        'key': 'issue_reason_mix', 'dimension': 'reason', 'member': reason, 'known': 'true', 'covered': 'case_reason is not null',
        'numerator': "case when coalesce(case_reason, 'unknown') = '" ~ reason ~ "' then 1 else 0 end",
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}
    {%- do measure.update(subject="event = '" ~ measure.get('event', 'closed') ~ "'", excluded='out_of_scope') -%}
    {%- if 'denominator' not in measure -%}{%- do measure.update(denominator='1') -%}{%- endif -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer in a month, from fct_support_months. #}
{% macro support_measures() %}
{{ return([
    {'key': 'case_rate_per_customer', 'numerator': 'opened_case_count', 'denominator': 'active_month_count', 'known': 'true',
     'subject': 'true', 'excluded': 'out_of_scope'},
    {'key': 'case_rate_per_100_users', 'numerator': '100 * user_case_count', 'denominator': 'active_user_count',
     'known': 'active_user_count is not null', 'subject': 'active_month_count > 0', 'excluded': 'out_of_scope'},
    {'key': 'case_rate_per_million_arr', 'numerator': '1000000 * arr_case_count', 'denominator': 'arr_amount',
     'known': 'arr_amount is not null', 'subject': 'true', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one visit to self-service, from fct_self_service_sessions. #}
{% macro session_measures() %}
{{ return([
    {'key': 'self_service_success_rate', 'numerator': 'case when is_answer_found then 1 else 0 end', 'denominator': '1',
     'known': 'is_answer_found is not null', 'subject': 'true', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one review of a knowledge article, from fct_article_reviews. #}
{% macro article_review_measures() %}
{{ return([
    {'key': 'kb_article_quality_index', 'numerator': 'met_count', 'denominator': 'checked_count',
     'known': 'met_count is not null and checked_count is not null', 'subject': 'true', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}
