{# The measures of defects and of what support costs. What a measure is made of: macros/measures.sql. #}

{# Of one closed case, from fct_case_costs. #}
{% macro case_cost_measures() %}
{{ return([
    {'key': 'defect_handling_cost', 'numerator': 'total_amount', 'denominator': none, 'known': 'total_amount is not null',
     'subject': "case_reason = 'defect'", 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one customer in a month, from fct_customer_cost_months. Coverage counts cases: that costs are known of nobody in particular is no gap. #}
{% macro customer_cost_measures() %}
{%- set measures = [
    {'key': 'defect_cost_share', 'numerator': 'defect_cost_amount', 'denominator': 'service_cost_amount',
     'known': 'service_cost_amount is not null', 'units': 'closed_case_count', 'known_units': 'known_case_count'},
    {'key': 'defect_cost_share_of_support', 'numerator': 'defect_cost_amount', 'denominator': 'support_cost_amount',
     'known': 'support_cost_amount is not null', 'units': 'closed_case_count', 'known_units': 'known_case_count'},
    {'key': 'cost_per_case', 'numerator': 'support_cost_amount', 'denominator': 'assisted_case_count',
     'known': 'support_cost_amount is not null', 'units': 'assisted_case_count', 'known_units': 'assisted_case_count'},
] -%}
{%- for measure in measures -%}{%- do measure.update(subject='true', excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer in a period, from fct_defect_periods. #}
{% macro defect_period_measures() %}
{{ return([
    {'key': 'customers_with_defect_share', 'numerator': 'case when is_hit then 1 else 0 end', 'denominator': '1',
     'known': 'is_hit is not null', 'subject': 'is_active', 'excluded': 'out_of_scope'},
    {'key': 'defect_impact_mitigation_rate', 'numerator': 'case when is_mitigated then 1 else 0 end', 'denominator': '1',
     'known': 'is_mitigated is not null', 'subject': 'coalesce(is_hit, false)', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one customer with licences at a month-end, from fct_contact_months. #}
{% macro contact_measures() %}
{%- set measures = [] -%}
{%- for band in ('none', 'some', 'many', 'unknown') -%}
    {%- do measures.append({
        'key': 'adoption_by_howto_contact_band', 'dimension': 'contact_band', 'member': band,
        'numerator': 'adopted_quantity', 'denominator': 'known_sold_quantity', 'known': 'adopted_quantity is not null',
        'subject': "howto_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# The cost of a case that is a defect and of one that is not, from fct_case_costs: their quotient is no ratio of sums. #}
{% macro cost_ratio_parts() %}
{{ return([
    {'key': 'defect', 'numerator': 'total_amount', 'denominator': '1', 'known': 'total_amount is not null',
     'subject': "coalesce(case_reason = 'defect', false)"},
    {'key': 'other', 'numerator': 'total_amount', 'denominator': '1', 'known': 'total_amount is not null',
     'subject': "coalesce(case_reason <> 'defect', false)"},
    {'key': 'every', 'numerator': '0', 'denominator': '1', 'known': 'total_amount is not null and case_reason is not null', 'subject': 'true'},
]) }}
{% endmacro %}
