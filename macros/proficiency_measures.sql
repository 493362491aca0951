{# The measures of proficiency. What a measure is made of: macros/measures.sql. #}

{# Of one active customer at a month-end, from fct_proficiency_months. #}
{% macro proficiency_measures() %}
{%- set measures = [] -%}
{%- for key, numerator, denominator in (
    ('training_participation_rate_self_paced', 'self_paced_user_count', 'active_user_count'),
    ('training_participation_rate_live_coaching', 'live_coaching_user_count', 'active_user_count'),
    ('training_participation_rate_ilt_in_person', 'ilt_in_person_user_count', 'active_user_count'),
    ('training_participation_rate_ilt_virtual', 'ilt_virtual_user_count', 'active_user_count'),
    ('learning_path_assignment_rate', 'path_user_count', 'active_user_count'),
    ('proficiency_rate', 'proficient_user_count', 'active_user_count'),
    ('certified_user_share', 'certified_user_count', 'active_user_count'),
    ('reward_recipient_share', 'rewarded_user_count', 'active_user_count'),
    ('training_access_rate', 'access_user_count', 'active_user_count'),
    ('technical_skill_proficiency_rate', 'technical_proficient_user_count', 'technical_assessed_user_count'),
    ('business_skill_proficiency_rate', 'business_proficient_user_count', 'business_assessed_user_count'),
) -%}
    {%- do measures.append({
        'key': key, 'numerator': numerator, 'denominator': denominator, 'known': numerator ~ ' is not null', 'subject': 'has_users',
        'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{%- do measures.append({
    'key': 'proficient_customer_share', 'denominator': '1', 'known': 'proficient_user_count is not null', 'excluded': 'zero_value',
    'numerator': 'case when proficient_user_count >= ' ~ var('proficient_user_share_min') ~ ' * active_user_count then 1 else 0 end',
    'subject': 'has_users and coalesce(active_user_count, 1) > 0',
}) -%}
{%- do measures.append({
    'key': 'learning_path_completion_rate', 'numerator': 'completed_path_count', 'denominator': 'due_path_count', 'known': 'true',
    'subject': 'due_path_count > 0', 'excluded': 'out_of_scope',
}) -%}
{%- do measures.append({
    'key': 'incentive_offer_rate', 'numerator': 'case when offered_incentive_count > 0 then 1 else 0 end', 'denominator': '1',
    'known': 'offered_incentive_count is not null', 'subject': 'true', 'excluded': 'out_of_scope',
}) -%}
{%- do measures.append({
    'key': 'incentive_redemption_rate', 'numerator': 'redeemed_incentive_count', 'denominator': 'offered_incentive_count', 'known': 'true',
    'subject': 'offered_incentive_count > 0', 'excluded': 'out_of_scope',
}) -%}
{%- do measures.append({
    'key': 'assessment_recency', 'numerator': 'days_since_assessment', 'denominator': '1', 'known': 'days_since_assessment is not null',
    'subject': 'true', 'excluded': 'out_of_scope',
}) -%}
{%- do measures.append({
    'key': 'proficiency_change', 'numerator': 'score_change', 'denominator': 'rescored_skill_count', 'known': 'true',
    'subject': 'rescored_skill_count > 0', 'excluded': 'out_of_scope',
}) -%}
{{ return(measures) }}
{% endmacro %}

{# Of one first attempt, training or customer that started, from fct_learning_events. #}
{% macro learning_event_measures() %}
{%- set measures = [
    {'key': 'assessment_pass_rate', 'numerator': 'case when is_passed then 1 else 0 end', 'denominator': '1',
     'known': 'is_passed is not null', 'subject': "event = 'assessed'", 'excluded': 'out_of_scope'},
    {'key': 'learning_satisfaction_score', 'numerator': 'rating', 'denominator': '1', 'known': 'rating is not null',
     'subject': "event = 'trained'", 'excluded': 'out_of_scope'},
] -%}
{%- for key, column in (
    ('onboarding_assessment_rate', 'has_assessment'), ('skills_inventory_coverage', 'has_skills_inventory'),
    ('training_plan_coverage', 'has_training_plan'),
) -%}
    {%- do measures.append({
        'key': key, 'numerator': 'case when ' ~ column ~ ' then 1 else 0 end', 'denominator': '1', 'known': column ~ ' is not null',
        'subject': "event = 'started'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{#
    Of one required skill at a month-end, from fct_skill_requirement_months. A role needs skills of both types: its standard is of neither,
    so the whole is all the members it has.
#}
{% macro skill_requirement_measures() %}
{{ return([
    {'key': 'skill_resource_gap', 'numerator': 'case when has_resource then 0 else 1 end', 'denominator': none, 'subject': 'true',
     'known': 'true', 'excluded': 'out_of_scope'},
    {'key': 'proficiency_standard_coverage', 'numerator': 'case when has_role_standard then 1 else 0 end', 'denominator': '1',
     'subject': 'is_first_of_role', 'known': 'true', 'excluded': 'out_of_scope', 'dimension': 'all', 'member': 'all'},
]) }}
{% endmacro %}

{# Of one month, from fct_learning_cost_months. #}
{% macro learning_cost_measures() %}
{{ return([
    {'key': 'proficiency_investment_share', 'numerator': 'education_cost_amount',
     'denominator': 'education_cost_amount + self_help_cost_amount', 'subject': 'true', 'excluded': 'out_of_scope',
     'known': 'education_cost_amount is not null and self_help_cost_amount is not null'},
]) }}
{% endmacro %}
