{# The measures of service sales. What a measure is made of: macros/measures.sql. #}

{# Lines of services that are sold. #}
{% macro service_lines() -%}
{{ return(['support', 'success', 'maintenance', 'education', 'professional_services']) }}
{%- endmacro %}

{# Movements of recurring service revenue, and the sign each has in the bridge. #}
{% macro service_movements() -%}
{{ return({'attached': '', 'reinstated': '', 'expanded': '', 'contracted': '-', 'lost': '-'}) }}
{%- endmacro %}

{# Of one active customer at a month-end, from fct_service_months. #}
{% macro service_measures() %}
{%- set held = 'case when has_service_contract then 1 else 0 end' -%}
{%- set measures = [
    {'key': 'customers_under_service_contract', 'numerator': held, 'denominator': '1'},
    {'key': 'service_contract_coverage_rate', 'numerator': held, 'denominator': '1'},
    {'key': 'service_level_above_base_share', 'numerator': 'case when service_level_rank > 0 then 1 else 0 end', 'denominator': '1',
     'subject': 'is_subscriber'},
    {'key': 'service_relationship_tenure_months', 'numerator': 'service_tenure_months', 'denominator': '1',
     'subject': 'has_service_contract'},
] -%}
{%- for line in ('maintenance', 'support', 'success') -%}
    {%- for key in ('customers_under_service_contract', 'service_contract_coverage_rate') -%}
        {%- do measures.append({
            'key': key, 'dimension': 'service_line', 'member': line, 'numerator': 'case when has_' ~ line ~ ' then 1 else 0 end',
            'denominator': '1',
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{%- for measure in measures -%}
    {%- do measure.update(subject=measure.get('subject', 'true'), known=none, excluded='out_of_scope') -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer over a period, from fct_service_windows. #}
{% macro service_window_measures() %}
{%- set either = 'opening_service_amount > 0 or closing_service_amount > 0 or not is_service_amount_known' -%}
{%- set measures = [
    {'key': 'service_level_upgrade_rate', 'numerator': 'case when closing_level_rank > 0 then 1 else 0 end', 'denominator': '1',
     'subject': 'is_subscriber_at_opening and opening_level_rank = 0', 'known': none, 'excluded': 'not_in_opening'},
    {'key': 'service_expansion_rate', 'numerator': 'greatest(closing_service_amount - opening_service_amount, 0)',
     'denominator': 'opening_service_amount', 'subject': 'opening_service_amount > 0 or not is_service_amount_known',
     'excluded': 'not_in_opening'},
] -%}
{%- for movement, sign in service_movements().items() -%}
    {%- do measures.extend([
        {'key': 'service_arr_' ~ movement, 'numerator': movement ~ '_amount', 'denominator': none,
         'subject': either, 'excluded': 'zero_value'},
        {'key': 'service_revenue_bridge', 'dimension': 'movement', 'member': movement, 'numerator': sign ~ movement ~ '_amount',
         'denominator': 'opening_service_amount', 'subject': either, 'excluded': 'zero_value'},
    ]) -%}
{%- endfor -%}
{%- for member in ('opening', 'closing') -%}
    {%- do measures.append({
        'key': 'service_revenue_bridge', 'dimension': 'movement', 'member': member, 'numerator': member ~ '_service_amount',
        'denominator': 'opening_service_amount', 'subject': either, 'excluded': 'zero_value',
    }) -%}
{%- endfor -%}
{%- for member in ('with_services', 'without_services') -%}
    {%- set of_band = "service_attach = '" ~ member ~ "'" -%}
    {%- do measures.extend([
        {'key': 'retention_by_service_attach', 'dimension': 'service_attach', 'member': member, 'known': none,
         'numerator': 'case when is_active_at_closing then 1 else 0 end', 'denominator': '1',
         'subject': 'is_active_at_opening and ' ~ of_band, 'excluded': 'out_of_scope'},
        {'key': 'revenue_retention_by_service_attach', 'dimension': 'service_attach', 'member': member, 'known': 'is_amount_known',
         'numerator': 'retained_mrr_amount', 'denominator': 'opening_mrr_amount', 'subject': 'opening_mrr_amount > 0 and ' ~ of_band,
         'excluded': 'out_of_scope'},
        {'key': 'expansion_by_service_attach', 'dimension': 'service_attach', 'member': member, 'known': 'is_amount_known',
         'numerator': 'expanded_mrr_amount', 'denominator': 'opening_mrr_amount', 'subject': 'opening_mrr_amount > 0 and ' ~ of_band,
         'excluded': 'out_of_scope'},
        {'key': 'objective_attainment_by_service_attach', 'dimension': 'service_attach', 'member': member,
         'numerator': 'closing_realization_numerator', 'denominator': 'closing_realization_denominator',
         'known': 'closing_realization_denominator > 0',
         'subject': 'is_active_at_opening and is_active_at_closing and ' ~ of_band, 'excluded': 'out_of_scope'},
    ]) -%}
{%- endfor -%}
{{ return(known_by_default(measures, 'is_service_amount_known')) }}
{% endmacro %}

{# Of one sale to which a service could be attached, from fct_service_sales. #}
{% macro service_sale_measures() %}
{%- set measures = [
    {'key': 'service_attach_rate', 'numerator': 'case when is_attached then 1 else 0 end', 'denominator': '1',
     'known': 'is_eligible is not null'},
    {'key': 'service_attach_value_rate', 'numerator': 'service_annual_amount', 'denominator': 'available_annual_amount',
     'known': 'is_eligible is not null and service_annual_amount is not null and available_annual_amount is not null'},
    {'key': 'service_attach_ratio', 'numerator': 'service_annual_amount', 'denominator': 'product_annual_amount',
     'known': 'is_eligible is not null and service_annual_amount is not null and product_annual_amount is not null'},
] -%}
{%- for line in service_lines() -%}
    {%- do measures.append({
        'key': 'service_attach_rate', 'dimension': 'service_line', 'member': line, 'known': 'is_eligible is not null',
        'numerator': 'case when is_' ~ line ~ '_attached then 1 else 0 end', 'denominator': '1',
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(subject='is_mature', excluded='immature') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one sale whose attached service fell due for the first time, from fct_service_sales. #}
{% macro attached_due_measures() %}
{{ return([
    {'key': 'bad_attach_rate', 'denominator': '1', 'subject': 'is_attached', 'known': 'is_first_renewed is not null',
     'numerator': 'case when (is_compulsory or has_product_discount) and not is_first_renewed then 1 else 0 end',
     'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one customer with contracts due in a period, from fct_customer_renewals. #}
{% macro customer_renewal_measures() %}
{%- set measures = [
    {'key': 'customer_renewal_rate', 'numerator': 'case when renewed_count > 0 then 1 else 0 end', 'denominator': '1', 'subject': 'true'},
] -%}
{%- for kind in ('service', 'product') -%}
    {%- do measures.append({
        'key': 'customer_renewal_rate', 'dimension': 'contract_kind', 'member': kind, 'denominator': '1',
        'numerator': 'case when renewed_' ~ kind ~ '_count > 0 then 1 else 0 end', 'subject': 'due_' ~ kind ~ '_count > 0',
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(known=none, excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one lapsed service contract in a period, from fct_service_winbacks. #}
{% macro winback_measures() %}
{{ return([
    {'key': 'winback_rate', 'numerator': 'case when is_reinstated then 1 else 0 end', 'denominator': '1', 'subject': 'true', 'known': none,
     'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one month, from fct_service_booking_months. #}
{% macro service_booking_measures() %}
{{ return([
    {'key': 'service_sales_cost_ratio', 'numerator': 'selling_cost_amount', 'denominator': 'booked_annual_amount', 'subject': 'true',
     'known': 'selling_cost_amount is not null and booked_annual_amount is not null', 'excluded': 'unknown'},
]) }}
{% endmacro %}

{# Of one customer that invests, at a month-end, from fct_implementation_costs. #}
{% macro implementation_cost_measures() %}
{%- set measures = [] -%}
{%- for member in ('with_services', 'without_services') -%}
    {%- do measures.append({
        'key': 'implementation_cost_by_service_attach', 'dimension': 'service_attach', 'member': member,
        'numerator': '12 * investment_amount', 'denominator': 'month_count', 'known': 'investment_amount is not null',
        'subject': "service_attach = '" ~ member ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
