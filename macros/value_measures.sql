{# The measures of the catalogue, of value and of price. What a measure is made of: macros/measures.sql. #}

{# Of one offer on sale at a month-end, from fct_offer_months. #}
{% macro offer_measures() %}
{%- set measures = [
    rep_share('catalog_completeness', 'is_complete'),
    rep_share('offer_license_alignment_rate', 'is_license_aligned', 'has_family'),
    rep_share('offer_outcome_coverage', 'has_outcome'),
    rep_share('reactive_only_offer_share', 'is_reactive_only'),
] -%}
{{ return(measures) }}
{% endmacro %}

{# Of one offer and region at a month-end, from fct_offer_region_months. #}
{% macro offer_region_measures() %}
{{ return([rep_share('price_policy_catalog_coverage', 'has_current_policy')]) }}
{% endmacro %}

{# Of one offer on sale at the end of a period, from fct_offer_periods. #}
{% macro offer_period_measures() %}
{{ return([rep_share('sales_feedback_rate', 'has_feedback')]) }}
{% endmacro %}

{# Of one active customer at a month-end, from fct_value_months. Who holds both licences counts in both. #}
{% macro value_measures() %}
{%- set measures = [rep_share('version_currency_share', 'is_version_current')] -%}
{%- for model in ('perpetual', 'subscription') -%}
    {%- set holds = "licence_model in ('" ~ model ~ "', 'both')" -%}
    {%- set any_line = rep_share('service_demand_by_license_model', 'has_service', holds) -%}
    {%- do any_line.update(dimension='licence_model', member=model) -%}
    {%- do measures.append(any_line) -%}
    {%- for line in ('maintenance', 'support', 'success', 'education', 'professional_services') -%}
        {%- set of_line = rep_share('service_demand_by_license_model', 'has_' ~ line, holds) -%}
        {%- do of_line.update(dimension='licence_model_service_line', member=model ~ '_' ~ line) -%}
        {%- do measures.append(of_line) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer and licence model under support at a month-end, from fct_support_price_months. #}
{% macro support_price_measures() %}
{%- set measures = [] -%}
{%- for key, column in (
    ('support_price_pct_of_license', 'license_net_amount'), ('support_price_pct_of_list_license', 'license_list_amount'),
) -%}
    {%- do measures.append({
        'key': key, 'numerator': 'support_annual_amount', 'denominator': column, 'subject': "licence_model = 'perpetual' and coalesce(" ~ column ~ ', 1) > 0',
        'known': 'support_annual_amount is not null and ' ~ column ~ ' is not null', 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one need of a customer at a month-end, from fct_customer_need_months. #}
{% macro customer_need_measures() %}
{{ return([rep_share('unmet_service_need_share', 'is_unmet')]) }}
{% endmacro %}

{# Of one contract that falls due, from fct_value_renewals. #}
{% macro value_renewal_measures() %}
{%- set measures = [] -%}
{%- for key, dimension, column, members in (
    ('renewal_by_value_reinforcement', 'value_band', 'value_band', ('throughout', 'some', 'none', 'unknown')),
    ('renewal_rate_by_support_price_band', 'support_price_band', 'support_price_band', ('lowest', 'lower', 'higher', 'highest', 'unknown')),
) -%}
    {%- for member in members -%}
        {%- do measures.append({
            'key': key, 'dimension': dimension, 'member': member, 'numerator': 'case when is_renewed then 1 else 0 end',
            'denominator': '1', 'known': none, 'subject': "coalesce(" ~ column ~ ", 'none of it') = '" ~ member ~ "'",
            'excluded': 'out_of_scope',
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
