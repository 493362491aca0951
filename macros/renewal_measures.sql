{# The measures of one contract that falls due, from fct_contract_renewals. What a measure is made of: macros/measures.sql. #}
{% macro renewal_measures() %}
{%- set renewed = 'case when is_renewed then 1 else 0 end' -%}
{%- set measures = [
    {'key': 'contract_renewal_rate', 'numerator': renewed, 'denominator': '1', 'known': none},
    {'key': 'contract_renewal_rate_resolved', 'numerator': renewed, 'denominator': '1', 'known': none,
     'subject': 'not is_open', 'excluded': 'immature'},
    {'key': 'contract_renewal_rate_on_time', 'numerator': 'case when is_renewed and not is_late then 1 else 0 end', 'denominator': '1',
     'known': none},
    {'key': 'revenue_renewal_rate', 'numerator': 'kept_amount', 'denominator': 'available_amount'},
    {'key': 'revenue_renewal_rate_net', 'numerator': 'renewed_amount', 'denominator': 'available_amount'},
    {'key': 'revenue_renewal_rate_max', 'numerator': 'case when is_open then available_amount else kept_amount end',
     'denominator': 'available_amount'},
    {'key': 'service_arr_renewed', 'numerator': 'renewed_amount', 'denominator': none, 'subject': "is_renewed and contract_kind = 'service'"},
] -%}
{%- for band in ('green', 'amber', 'red', 'ramp', 'unknown') -%}
    {%- do measures.append({
        'key': 'renewal_rate_by_adoption_band', 'dimension': 'adoption_band', 'member': band, 'numerator': renewed, 'denominator': '1',
        'known': none, 'subject': "adoption_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}
    {%- do measure.update(subject=measure.get('subject', 'true'), excluded=measure.get('excluded', 'out_of_scope')) -%}
{%- endfor -%}
{{ return(known_by_default(measures, 'is_amount_known')) }}
{% endmacro %}
