{# The measures of profitability and of the portfolio. What a measure is made of: macros/measures.sql. #}

{% macro profit_lines() %}{{ return(['support', 'success', 'education', 'professional_services']) }}{% endmacro %}

{# Of one customer, service line and month, from fct_service_profit_months. #}
{% macro service_profit_measures() %}
{%- set measures = [
    {'key': 'service_delivery_cost', 'numerator': 'cost_amount', 'denominator': none, 'known': 'cost_amount is not null'},
    {'key': 'service_direct_revenue', 'numerator': 'revenue_amount', 'denominator': none, 'known': 'revenue_amount is not null'},
    {'key': 'service_margin', 'numerator': 'revenue_amount - cost_amount', 'denominator': 'revenue_amount',
     'known': 'revenue_amount is not null and cost_amount is not null'},
    {'key': 'service_contribution', 'numerator': 'revenue_amount - cost_amount', 'denominator': none,
     'known': 'revenue_amount is not null and cost_amount is not null'},
    {'key': 'service_delivery_cost', 'dimension': 'is_investment', 'member': 'investment', 'numerator': 'investment_cost_amount',
     'denominator': none, 'known': 'cost_amount is not null'},
    {'key': 'service_delivery_cost', 'dimension': 'is_investment', 'member': 'other', 'denominator': none,
     'numerator': 'cost_amount - investment_cost_amount', 'known': 'cost_amount is not null'},
] -%}
{%- for measure in measures -%}{%- do measure.update(subject='true', excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer in a month, from fct_customer_profit_months; what is nobody's is a subject of what is attributed alone. #}
{% macro customer_profit_measures() %}
{%- set measures = [
    {'key': 'service_revenue_share', 'numerator': 'service_revenue_amount', 'denominator': 'revenue_amount',
     'known': 'service_revenue_amount is not null and revenue_amount is not null', 'subject': 'not is_unallocated', 'excluded': 'out_of_scope'},
    {'key': 'cost_to_serve_pct_of_arr', 'numerator': 'service_cost_amount', 'denominator': 'mrr_amount',
     'known': 'service_cost_amount is not null and mrr_amount is not null', 'subject': 'coalesce(mrr_amount, 1) > 0 and not is_unallocated',
     'excluded': 'zero_value'},
    {'key': 'customer_relationship_margin', 'numerator': 'revenue_amount - service_cost_amount', 'denominator': 'revenue_amount',
     'known': 'revenue_amount is not null and service_cost_amount is not null', 'subject': 'not is_unallocated', 'excluded': 'out_of_scope'},
    {'key': 'service_cost_attribution_share', 'numerator': 'case when has_benefit then service_cost_amount else 0 end',
     'denominator': 'service_cost_amount', 'known': 'service_cost_amount is not null', 'subject': 'true', 'excluded': 'out_of_scope'},
] -%}
{%- for line in profit_lines() -%}
    {%- do measures.append({
        'key': 'service_revenue_share', 'dimension': 'service_line', 'member': line, 'numerator': line ~ '_revenue_amount',
        'denominator': 'revenue_amount', 'known': 'service_revenue_amount is not null and revenue_amount is not null',
        'subject': 'not is_unallocated', 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one won opportunity and service line used before it, from fct_influenced_sales. #}
{% macro influenced_sale_measures() %}
{%- set measures = [
    {'key': 'service_influenced_revenue', 'numerator': 'split_amount', 'denominator': none, 'known': 'won_amount is not null',
     'subject': 'true', 'excluded': 'out_of_scope'},
] -%}
{%- for line in profit_lines() -%}
    {%- for dimension, column in (('service_line', 'influenced_amount'), ('split_service_line', 'split_amount')) -%}
        {%- do measures.append({
            'key': 'service_influenced_revenue', 'dimension': dimension, 'member': line, 'numerator': column, 'denominator': none,
            'known': 'won_amount is not null', 'subject': "service_line = '" ~ line ~ "'", 'excluded': 'out_of_scope',
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one closed case, from fct_case_events. #}
{% macro case_service_measures() %}
{%- set measures = [
    {'key': 'first_contact_resolution_rate', 'numerator': 'case when reply_count <= 1 and reopen_count = 0 then 1 else 0 end',
     'denominator': '1', 'known': 'reply_count is not null and reopen_count is not null'},
    {'key': 'agent_minutes_per_case', 'numerator': 'handle_minutes', 'denominator': '1', 'known': 'handle_minutes is not null'},
    {'key': 'service_level_attainment_rate', 'numerator': 'case when is_within_commitment then 1 else 0 end', 'denominator': '1',
     'known': 'is_within_commitment is not null'},
] -%}
{%- for measure in measures -%}
    {%- do measure.update(subject="event = 'closed' and not coalesce(is_automated, false)" ~ (' and has_commitment' if loop.last else ''),
                          excluded='out_of_scope') -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
