{# The measures of customers' success. What a measure is made of: macros/measures.sql. #}

{# Bands of customers by how far their success plans are realized; unknown is one of them. #}
{% macro success_bands() -%}
{{ return(['low', 'mid', 'high', 'unknown']) }}
{%- endmacro %}

{# Realization from which on a customer is in the middle and in the upper band; below the middle one it fails. #}
{% macro success_limits() -%}
{{ return({'mid_from': '0.5', 'high_from': '0.75'}) }}
{%- endmacro %}

{# Of one success plan in scope at a month-end, from fct_success_plans. Objectives are what is counted. #}
{% macro success_plan_measures() %}
{%- set known = {
    'known': 'known_counted_objective_count > 0', 'subject': 'counted_objective_count > 0', 'units': 'counted_objective_count',
    'known_units': 'known_counted_objective_count', 'denominator': 'realization_denominator',
} -%}
{%- set every = {
    'subject': 'objective_count > 0', 'denominator': 'objective_count', 'units': 'objective_count', 'known_units': 'objective_count',
} -%}
{%- set measures = [
    dict(known, key='success_plan_realization_rate', numerator='realization_numerator'),
    dict(known, key='success_plan_schedule_variance', numerator='variance_numerator'),
    dict(every, key='success_plan_strict_rate', numerator='achieved_objective_count', covered_units='known_objective_count'),
    dict(every, key='measurable_outcome_share', numerator='measurable_objective_count'),
    {'key': 'objective_resource_alignment_rate', 'numerator': 'resourced_objective_count', 'denominator': 'known_resource_count',
     'subject': 'objective_count > 0', 'known': 'known_resource_count > 0', 'units': 'objective_count',
     'known_units': 'known_resource_count'},
    {'key': 'mutual_agreement_rate', 'numerator': 'case when is_agreed then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_agreed is not null'},
] -%}
{%- for measure in measures -%}{%- do measure.update(excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one active customer at a month-end, from fct_success_months. #}
{% macro success_measures() %}
{%- set measures = [
    {'key': 'success_plan_coverage_rate', 'numerator': 'case when has_open_plan then 1 else 0 end', 'subject': 'true',
     'known': 'has_open_plan is not null'},
    {'key': 'success_definition_coverage', 'numerator': 'case when has_success_definition then 1 else 0 end', 'subject': 'true',
     'known': 'has_success_definition is not null'},
    {'key': 'goal_attaining_customer_share', 'numerator': "case when success_band = 'high' then 1 else 0 end", 'subject': 'true',
     'known': "success_band <> 'unknown'"},
] -%}
{%- for measure in measures -%}{%- do measure.update(denominator='1', excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
