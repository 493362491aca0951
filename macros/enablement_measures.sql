{# The measures of reps and their enablement. What a measure is made of: macros/measures.sql. #}

{# Of one rep at a month-end, from fct_rep_months. #}
{% macro rep_measures() %}
{%- set measures = [] -%}
{%- for key, column in (
    ('curriculum_coverage', 'has_curriculum'), ('rep_competency_tested_share', 'is_tested'), ('rep_fully_qualified_share', 'is_qualified'),
    ('value_proposition_trained_share', 'has_value_proposition'), ('rep_training_participation_rate', 'is_trained'),
    ('resource_usage_rate', 'has_resource_use'), ('catalog_reach', 'has_catalog_view'), ('rep_service_quota_coverage', 'has_quota'),
) -%}
    {%- do measures.append(rep_share(key, column)) -%}
{%- endfor -%}
{%- do measures.append(rep_share('rep_pass_rate', 'is_passed', 'coalesce(is_tested, false)')) -%}
{%- do measures.append({
    'key': 'rep_training_recency', 'numerator': 'days_since_training', 'denominator': '1', 'known': 'days_since_training is not null',
    'subject': 'true', 'excluded': 'out_of_scope',
}) -%}
{%- for mode in ('classroom', 'virtual', 'self_paced', 'live') -%}
    {%- set share = rep_share('rep_training_participation_rate', 'is_trained_' ~ mode) -%}
    {%- do share.update(dimension='mode', member=mode) -%}
    {%- do measures.append(share) -%}
    {%- do measures.append({
        'key': 'rep_training_recency', 'dimension': 'mode', 'member': mode, 'numerator': 'days_since_' ~ mode ~ '_training',
        'denominator': '1', 'known': 'days_since_' ~ mode ~ '_training is not null', 'subject': 'true', 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# The share of subjects of which a column is true; unknown where it is null. #}
{% macro rep_share(key, column, subject='true') -%}
{{ return({
    'key': key, 'numerator': 'case when ' ~ column ~ ' then 1 else 0 end', 'denominator': '1', 'known': column ~ ' is not null',
    'subject': subject, 'excluded': 'out_of_scope',
}) }}
{%- endmacro %}

{# Of one rep and topic at a month-end, from fct_rep_topic_months. #}
{% macro rep_topic_measures() %}
{{ return([
    {'key': 'module_completion_rate', 'numerator': 'completed_module_count', 'denominator': 'due_module_count', 'known': 'true',
     'subject': 'true', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one rep in a period, from fct_rep_periods. #}
{% macro rep_period_measures() %}
{{ return([
    rep_share('reps_selling_services_share', 'has_sold_service', 'is_active_at_closing'),
    {'key': 'service_quota_attainment', 'numerator': 'quota_booked_amount', 'denominator': 'quota_amount', 'subject': 'has_quota',
     'known': 'quota_booked_amount is not null and quota_amount is not null', 'excluded': 'out_of_scope'},
    {'key': 'service_incentive_share', 'numerator': 'service_pay_amount', 'denominator': 'total_pay_amount', 'subject': 'has_pay',
     'known': 'total_pay_amount is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one deal of a rep, from fct_rep_deals. Deals of people who are no reps are left out, not unknown. #}
{% macro rep_deal_measures() %}
{{ return([
    rep_share('rep_service_attach_rate', 'is_success', "event = 'sale' and has_rep"),
    rep_share('rep_contract_renewal_rate', 'is_success', "event = 'renewal' and has_rep"),
]) }}
{% endmacro %}

{# Of one customer in a period with recurring service revenue at its opening, from fct_rep_expansions. #}
{% macro rep_expansion_measures() %}
{{ return([
    {'key': 'rep_service_expansion_rate', 'numerator': 'expansion_amount', 'denominator': 'opening_amount', 'subject': 'has_rep',
     'known': 'expansion_amount is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}
