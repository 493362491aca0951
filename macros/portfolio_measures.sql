{# The measures of the service portfolio. What a measure is made of: macros/measures.sql. #}

{# Of one service offer at a month-end, from fct_offer_months. #}
{% macro portfolio_offer_measures() %}
{%- set measures = [
    {'key': 'cross_silo_offer_share', 'numerator': 'case when silo_count >= 2 then 1 else 0 end', 'known': 'true', 'subject': 'is_active'},
    {'key': 'portfolio_owner_coverage', 'numerator': 'case when has_dedicated_manager then 1 else 0 end', 'known': 'true',
     'subject': 'is_active'},
    {'key': 'offer_review_recency', 'numerator': 'days_since_review', 'known': 'days_since_review is not null', 'subject': 'is_active'},
    {'key': 'offer_value_statement_coverage', 'numerator': 'case when has_value_statement then 1 else 0 end',
     'known': 'has_value_statement is not null', 'subject': 'is_active'},
    {'key': 'new_offer_revenue_share', 'numerator': 'case when is_new then revenue_t12m_amount else 0 end',
     'denominator': 'revenue_t12m_amount', 'known': 'is_new is not null and revenue_t12m_amount is not null',
     'subject': 'coalesce(revenue_t12m_amount, 1) <> 0'},
] -%}
{%- for measure in measures -%}
    {%- do measure.update(excluded='out_of_scope') -%}
    {%- if 'denominator' not in measure -%}{%- do measure.update(denominator='1') -%}{%- endif -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one service offer in a month, from fct_offer_months. #}
{% macro offer_flow_measures() %}
{{ return([
    {'key': 'retired_offer_count', 'numerator': 'case when is_retired_in_month then 1 else 0 end', 'denominator': none, 'known': 'true',
     'subject': 'is_active or is_retired_in_month', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one delivery silo at a month-end, from fct_portfolio_silo_months. #}
{% macro portfolio_silo_measures() %}
{{ return([
    {'key': 'portfolio_silo_span', 'numerator': 'case when is_sold then 1 else 0 end', 'denominator': none, 'known': 'is_sold is not null',
     'subject': 'true', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one portfolio manager at a month-end, from fct_portfolio_manager_months. #}
{% macro portfolio_manager_measures() %}
{%- set measures = [
    {'key': 'service_revenue_per_pm', 'numerator': 'revenue_t12m_amount', 'denominator': 'fte', 'known': 'revenue_t12m_amount is not null'},
    {'key': 'offerings_per_pm', 'numerator': 'offer_count', 'denominator': 'fte', 'known': 'true'},
    {'key': 'portfolio_complexity_per_pm', 'numerator': 'offer_count + family_count + region_count', 'denominator': 'fte', 'known': 'true'},
    {'key': 'portfolio_goal_coverage', 'numerator': 'case when has_both_goals then 1 else 0 end', 'denominator': '1', 'known': 'true'},
] -%}
{%- for measure in measures -%}{%- do measure.update(subject='fte > 0', excluded='zero_value') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one goal of a portfolio manager for a month, from fct_portfolio_goal_months. #}
{% macro portfolio_goal_measures() %}
{%- set measures = [] -%}
{%- for goal in ('sale', 'renewal') -%}
    {%- do measures.append({
        'key': 'portfolio_' ~ goal ~ '_goal_attainment', 'numerator': 'actual_amount', 'denominator': 'target_amount',
        'known': 'actual_amount is not null and target_amount is not null', 'subject': "goal = '" ~ goal ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one active customer at a month-end, from fct_portfolio_whitespace_months. #}
{% macro whitespace_measures() %}
{%- set measures = [
    {'key': 'portfolio_whitespace_arr', 'numerator': 'potential_amount', 'denominator': none, 'known': 'potential_amount is not null',
     'subject': 'is_any_open', 'excluded': 'zero_value'},
] -%}
{%- for line in profit_lines() -%}
    {%- do measures.append({
        'key': 'portfolio_whitespace_arr', 'dimension': 'service_line', 'member': line, 'numerator': line ~ '_potential_amount',
        'denominator': none, 'known': line ~ '_potential_amount is not null', 'subject': 'is_' ~ line ~ '_open', 'excluded': 'zero_value',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
