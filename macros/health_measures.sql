{# The measures of health and risk. What a measure is made of: macros/measures.sql. #}

{# Column of fct_health_months that a rule of the seed risk_rules looks at. #}
{% macro flag_of_risk_rule(rule) -%}
{%- set flags = {
    'cancellation_notice': 'has_cancellation_notice', 'pending_lapse': 'is_pending_lapse', 'open_churn_risk': 'has_open_churn_risk',
    'competitor': 'has_competitor', 'below_red_and_negative': 'is_below_red_and_negative', 'downgrade_request': 'has_downgrade_request',
    'open_contraction_risk': 'has_open_contraction_risk', 'adoption_falling': 'is_adoption_falling',
    'low_adoption_before_renewal': 'is_low_adoption_before_renewal', 'score_below_green': 'is_score_below_green',
    'other_open_risk': 'has_other_open_risk',
} -%}
{{ return(flags[rule]) }}
{%- endmacro %}
