{# The measures of customer success activities. What a measure is made of: macros/measures.sql. #}

{#
    The categories of activities, each with its activities. Windows, and with whom an activity is due, stand in the seed cs_activities,
    which has one row for each of these.
#}
{% macro cs_activities() -%}
{{ return({
    'onboarding': ['initial_welcome', 'kickoff_meeting', 'goals_inventory', 'access_verification'],
    'success_planning': ['planning_goal_setting', 'account_planning', 'journey_mapping', 'business_review'],
    'adoption': ['coaching', 'training', 'best_practices', 'templates'],
    'health_monitoring': ['usage_tracking', 'sentiment_analysis', 'risk_assessment', 'intervention'],
    'retention': ['renewal_notification', 'budget_planning', 'follow_up', 'win_loss_analysis'],
    'expansion': ['account_review', 'roi_analysis', 'expansion_goal_setting', 'opportunity_alignment'],
}) }}
{%- endmacro %}

{# Activities alone, in their order. #}
{% macro cs_activity_keys() -%}
{%- set keys = [] -%}
{%- for activities in cs_activities().values() -%}{%- do keys.extend(activities) -%}{%- endfor -%}
{{ return(keys) }}
{%- endmacro %}

{# Activities that systems do by themselves as well: whether they reach a customer is known of everybody from the first one on. #}
{% macro observed_cs_activities() -%}
{{ return(['usage_tracking', 'sentiment_analysis', 'risk_assessment']) }}
{%- endmacro %}

{# Stages of the lifecycle of a customer. #}
{% macro lifecycle_stages() -%}
{{ return(['starting', 'adopting', 'growing', 'renewing']) }}
{%- endmacro %}

{# Of one customer at a month-end, from fct_activity_months. What is not due is left out, what is not known lowers coverage. #}
{% macro activity_measures() %}
{%- set measures = [] -%}
{%- for key in cs_activities().keys() | list + cs_activity_keys() -%}
    {%- do measures.append({
        'key': 'activity_coverage_' ~ key, 'numerator': 'case when ' ~ key ~ "_state = 'done' then 1 else 0 end", 'denominator': '1',
        'subject': key ~ "_state <> 'not_due'", 'known': key ~ "_state <> 'unknown'",
    }) -%}
{%- endfor -%}
{%- for category in cs_activities() -%}
    {%- do measures.append({
        'key': 'cs_category_coverage', 'dimension': 'category', 'member': category, 'denominator': '1',
        'numerator': 'case when ' ~ category ~ "_state = 'done' then 1 else 0 end",
        'subject': category ~ "_state <> 'not_due'", 'known': category ~ "_state <> 'unknown'",
    }) -%}
{%- endfor -%}
{%- do measures.extend([
    {'key': 'cs_category_coverage', 'numerator': 'covered_category_count', 'denominator': 'known_category_count', 'subject': 'is_active',
     'known': 'known_category_count > 0', 'units': 'due_category_count', 'known_units': 'known_category_count'},
    {'key': 'half_job_share', 'numerator': 'case when is_half_job then 1 else 0 end', 'denominator': '1', 'subject': 'is_active',
     'known': 'is_half_job is not null'},
    {'key': 'cs_activity_coverage', 'numerator': 'activity_count', 'denominator': 'named_activity_count', 'subject': 'is_active',
     'known': 'activity_count is not null'},
    {'key': 'lifecycle_stage_activity_coverage', 'numerator': 'done_activity_count', 'denominator': 'known_activity_count',
     'subject': 'is_active and due_activity_count > 0', 'known': 'known_activity_count > 0', 'units': 'due_activity_count',
     'known_units': 'known_activity_count'},
]) -%}
{%- for stage in lifecycle_stages() -%}
    {%- for key in ('half_job_share', 'cs_category_coverage', 'lifecycle_stage_activity_coverage') -%}
        {%- for whole in measures if whole.key == key and not whole.dimension -%}
            {%- do measures.append(dict(
                whole, dimension='lifecycle_stage', member=stage, subject=whole.subject ~ " and lifecycle_stage = '" ~ stage ~ "'",
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one early warning, from fct_early_warnings. #}
{% macro early_warning_measures() %}
{{ return([
    {'key': 'early_warning_response_rate', 'numerator': 'case when is_answered_in_time then 1 else 0 end', 'denominator': '1',
     'subject': 'true', 'known': 'is_answered_in_time is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one customer over a period, by the activities it had received at the opening, from fct_activity_windows. #}
{% macro activity_window_measures() %}
{%- set measures = [] -%}
{%- for band in ('more_than_half', 'up_to_half', 'unknown') -%}
    {%- set of_band = "activity_coverage_band = '" ~ band ~ "'" -%}
    {%- do measures.extend([
        {'key': 'expansion_by_activity_coverage', 'dimension': 'activity_coverage_band', 'member': band,
         'numerator': 'expanded_mrr_amount', 'denominator': 'opening_mrr_amount', 'known': 'is_amount_known',
         'subject': 'opening_mrr_amount > 0 and ' ~ of_band},
        {'key': 'retention_by_activity_coverage', 'dimension': 'activity_coverage_band', 'member': band,
         'numerator': 'case when is_active_at_closing then 1 else 0 end', 'denominator': '1',
         'subject': 'is_active_at_opening and ' ~ of_band},
        {'key': 'success_by_activity_coverage', 'dimension': 'activity_coverage_band', 'member': band,
         'numerator': 'closing_realization_numerator', 'denominator': 'closing_realization_denominator',
         'known': 'closing_realization_denominator > 0',
         'subject': 'is_active_at_opening and is_active_at_closing and ' ~ of_band},
    ]) -%}
{%- endfor -%}
{%- for band in ('received', 'not_received', 'unknown') -%}
    {%- do measures.append({
        'key': 'adoption_by_activity_coverage', 'dimension': 'adoption_activity_band', 'member': band,
        'numerator': 'closing_adopted_quantity', 'denominator': 'closing_sold_quantity', 'known': 'closing_adopted_quantity is not null',
        'subject': "closing_sold_quantity > 0 and is_active_at_opening and adoption_activity_band = '" ~ band ~ "'",
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of the expansion of one customer over a period, from fct_expansion_periods. #}
{% macro expansion_measures() %}
{{ return([
    {'key': 'upsell_arr', 'numerator': '12 * upsell_mrr_amount', 'denominator': none, 'subject': 'upsell_mrr_amount <> 0 or not is_amount_known',
     'known': 'is_amount_known', 'excluded': 'zero_value'},
    {'key': 'cross_sell_arr', 'numerator': '12 * cross_sell_mrr_amount', 'denominator': none,
     'subject': 'cross_sell_mrr_amount <> 0 or not is_amount_known', 'known': 'is_amount_known', 'excluded': 'zero_value'},
    {'key': 'expansion_recurring_share', 'numerator': '12 * expansion_mrr_amount', 'denominator': '12 * expansion_mrr_amount + one_time_amount',
     'subject': 'coalesce(expansion_mrr_amount + one_time_amount, 1) > 0 or not is_amount_known',
     'known': 'is_amount_known and one_time_amount is not null', 'excluded': 'zero_value'},
]) }}
{% endmacro %}

{# Of the barriers of one customer found in a month, from fct_onboarding_barriers. #}
{% macro onboarding_barrier_measures() %}
{{ return([
    {'key': 'onboarding_barrier_removal_rate', 'numerator': 'removed_count', 'denominator': 'known_count', 'subject': 'true',
     'known': 'known_count > 0', 'excluded': 'out_of_scope', 'units': 'found_count', 'known_units': 'known_count'},
]) }}
{% endmacro %}

{# Of the terms in force of one customer at a month-end, from fct_value_touch_months. #}
{% macro value_touch_measures() %}
{{ return([
    {'key': 'value_touch_evenness', 'numerator': 'touched_quarter_count', 'denominator': 'known_quarter_count',
     'subject': 'elapsed_quarter_count > 0', 'known': 'known_quarter_count > 0', 'excluded': 'out_of_scope',
     'units': 'elapsed_quarter_count', 'known_units': 'known_quarter_count'},
]) }}
{% endmacro %}

{# Of the terms of one customer that ended in a month, from fct_value_touch_months. #}
{% macro value_term_measures() %}
{{ return([
    {'key': 'renewal_only_touch_share', 'numerator': 'late_term_count', 'denominator': 'touched_term_count',
     'subject': 'touched_term_count + unknown_term_count > 0', 'known': 'touched_term_count > 0', 'excluded': 'out_of_scope',
     'units': 'touched_term_count + unknown_term_count', 'known_units': 'touched_term_count'},
]) }}
{% endmacro %}
