{# The measures of health and risk. What a measure is made of: macros/measures.sql. #}

{# The rules of the seed risk_rules. What each looks at is written in fct_health_months; order, class and limits stand in the seed. #}
{% macro risk_rules() -%}
{{ return([
    'cancellation_notice', 'pending_lapse', 'open_churn_risk', 'competitor', 'below_red_and_negative', 'downgrade_request',
    'open_contraction_risk', 'adoption_falling', 'low_adoption_before_renewal', 'score_below_green', 'other_open_risk',
]) }}
{%- endmacro %}

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

{# Of one active customer at a month-end, from fct_health_months. #}
{% macro health_measures() %}
{%- set at_risk = "risk_class in ('defecting', 'reducing')" -%}
{%- set measures = [
    {'key': 'defection_risk_share', 'numerator': "case when risk_class = 'defecting' then 1 else 0 end", 'denominator': '1', 'subject': 'true',
     'covered': "risk_class <> 'unknown'"},
    {'key': 'spend_reduction_risk_share', 'numerator': "case when risk_class = 'reducing' then 1 else 0 end", 'denominator': '1',
     'subject': 'true', 'covered': "risk_class <> 'unknown'"},
    {'key': 'healthy_customer_share', 'numerator': "case when risk_class = 'healthy' then 1 else 0 end", 'denominator': '1', 'subject': 'true',
     'covered': "risk_class <> 'unknown'"},
    {'key': 'customer_health_score', 'numerator': 'health_score', 'denominator': '1', 'subject': 'true', 'known': 'health_score is not null'},
    {'key': 'revenue_at_risk', 'numerator': 'case when ' ~ at_risk ~ ' then arr_amount else 0 end', 'denominator': none, 'subject': 'true',
     'known': 'arr_amount is not null', 'covered': "risk_class <> 'unknown'"},
    {'key': 'revenue_at_risk_share', 'numerator': 'case when ' ~ at_risk ~ ' then arr_amount else 0 end', 'denominator': 'arr_amount',
     'subject': 'true', 'known': 'arr_amount is not null', 'covered': "risk_class <> 'unknown'"},
    {'key': 'health_vs_nps_disagreement', 'numerator': 'case when ' ~ at_risk ~ ' then 1 else 0 end', 'denominator': '1',
     'subject': 'coalesce(nps_median >= 9, false)', 'known': "risk_class <> 'unknown'"},
    {'key': 'at_risk_intervention_rate', 'numerator': 'case when has_recent_intervention then 1 else 0 end', 'denominator': '1',
     'subject': at_risk, 'known': 'has_recent_intervention is not null'},
    {'key': 'healthy_customer_nurture_rate', 'numerator': 'case when is_nurtured then 1 else 0 end', 'denominator': '1',
     'subject': "risk_class = 'healthy'", 'known': 'is_nurtured is not null'},
] -%}
{%- for class in ('defecting', 'reducing') -%}
    {%- do measures.append({
        'key': 'revenue_at_risk', 'dimension': 'class', 'member': class, 'denominator': none, 'subject': 'true',
        'numerator': "case when risk_class = '" ~ class ~ "' then arr_amount else 0 end",
        'known': 'arr_amount is not null', 'covered': "risk_class <> 'unknown'",
    }) -%}
{%- endfor -%}
{%- for days in ('90', '180', '365', 'later', 'none') -%}
    {%- do measures.append({
        'key': 'revenue_at_risk', 'dimension': 'renews_within', 'member': days, 'denominator': none, 'subject': 'true',
        'numerator': 'case when ' ~ at_risk ~ " and renews_within = '" ~ days ~ "' then arr_amount else 0 end",
        'known': 'arr_amount is not null', 'covered': "risk_class <> 'unknown'",
    }) -%}
{%- endfor -%}
{%- for state in ('content', 'anxious', 'restless', 'angry', 'unknown') -%}
    {%- do measures.append({
        'key': 'relationship_sentiment_mix', 'dimension': 'state', 'member': state, 'denominator': '1', 'subject': 'true',
        'numerator': "case when relationship_state = '" ~ state ~ "' then 1 else 0 end", 'covered': "relationship_state <> 'unknown'",
    }) -%}
{%- endfor -%}
{#- Any rule may be made one of a customer at risk, so each is a member. -#}
{%- for rule in risk_rules() -%}
    {%- do measures.append({
        'key': 'risk_reason_mix', 'dimension': 'reason', 'member': rule, 'denominator': '1', 'subject': at_risk,
        'numerator': "case when primary_reason = '" ~ rule ~ "' then 1 else 0 end",
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of the answers of one customer's people that count at a month-end, from fct_survey_months. #}
{% macro survey_measures() %}
{%- set measures = [
    {'key': 'nps', 'numerator': '100 * (promoter_count - detractor_count)', 'denominator': 'nps_response_count'},
    {'key': 'perception_positive_share', 'numerator': 'positive_perception_count', 'denominator': 'perception_response_count'},
    {'key': 'perception_neutral_share', 'denominator': 'perception_response_count',
     'numerator': 'perception_response_count - positive_perception_count - negative_perception_count'},
    {'key': 'perception_negative_share', 'numerator': 'negative_perception_count', 'denominator': 'perception_response_count'},
    {'key': 'product_criticality_share', 'numerator': 'critical_response_count', 'denominator': 'criticality_response_count'},
] -%}
{%- for measure in measures -%}
    {%- do measure.update(subject=measure.denominator ~ ' > 0', excluded='out_of_scope') -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one support case closed or rated in a month, from fct_case_ratings. #}
{% macro rating_measures() %}
{{ return([
    {'key': 'csat', 'numerator': 'satisfied_count', 'denominator': 'rated_count', 'subject': 'true', 'excluded': 'out_of_scope',
     'known': 'rated_count > 0', 'units': 'closed_count', 'known_units': 'rated_count'},
]) }}
{% endmacro %}

{# Of one customer that was at risk two months before a month-end, from fct_risk_recoveries. #}
{% macro recovery_measures() %}
{{ return([
    {'key': 'at_risk_recovery_rate', 'numerator': 'case when is_recovered then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_recovered is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one customer at risk at a month-end, from fct_expected_losses. #}
{% macro expected_loss_measures() %}
{{ return([
    {'key': 'expected_loss_arr', 'numerator': 'expected_loss_amount', 'denominator': none, 'subject': 'true',
     'known': 'expected_loss_amount is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Ends of the Wilson 95 % interval of a share, in double; n counts independent subjects. #}
{% macro wilson_end(share, n, sign) -%}
    ({{ share }} * {{ n }} + 1.920729 {{ sign }} 1.959964 * sqrt({{ share }} * (1 - {{ share }}) * {{ n }} + 0.960365)) / ({{ n }} + 3.841459)
{%- endmacro %}
