{# The measures of scaling support. What a measure is made of: macros/measures.sql. #}

{# Of one case that was opened or closed, from fct_case_events. #}
{% macro case_scale_measures() %}
{#- A cause is looked for where the product is at fault: a question how to do something has none to know. -#}
{{ return([
    {'key': 'recurring_issue_share', 'denominator': '1', 'known': 'cause is not null', 'excluded': 'out_of_scope',
     'numerator': 'case when earlier_cause_case_count >= ' ~ var('recurring_issue_min_cases') ~ ' then 1 else 0 end',
     'subject': "event = 'opened' and (cause is not null or coalesce(confirmed_reason, 'defect') in ('defect', 'usability_performance'))"},
    {'key': 'case_management_automation_share', 'numerator': 'system_touch_count', 'denominator': 'system_touch_count + agent_touch_count',
     'known': 'system_touch_count is not null and agent_touch_count is not null', 'subject': "event = 'closed'", 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{% macro demand_strategies() %}{{ return(['proficiency', 'prevention', 'self_service', 'automation']) }}{% endmacro %}

{#
    Of one period and member, from fct_demand_periods. What is deflected is a product of shares, so it is summed over visits first and
    multiplied then; what a company has in total only is a measure of the total alone.
#}
{% macro demand_measures() %}
{%- set whole_period = 'matched_case_count = assisted_case_count' -%}
{#- What each strategy removed, and whether that is known. What learning removed is an effect with an interval, and no count of cases. -#}
{%- set removed = {
    'proficiency': ('0', 'false'),
    'prevention': ('prevented_cases', 'prevented_cases is not null'),
    'self_service': ('deflected_visits', 'deflected_visits is not null and ' ~ whole_period),
    'automation': ('automated_case_count', 'judged_case_count > 0'),
} -%}
{%- set parts = [] -%}
{%- set known_parts = [] -%}
{%- for part, is_known in removed.values() -%}
    {%- do parts.append('case when ' ~ is_known ~ ' then ' ~ part ~ ' else 0 end') -%}
    {%- do known_parts.append('case when ' ~ is_known ~ ' then 1 else 0 end') -%}
{%- endfor -%}
{%- set removed_cases = '(' ~ parts | join(' + ') ~ ')' -%}
{%- set of_visits = {'subject': 'visit_count > 0', 'excluded': 'out_of_scope', 'units': 'visit_count', 'known_units': 'answered_visit_count'} -%}
{%- set measures = [
    dict(of_visits, key='deflection_rate', numerator='deflected_visits', denominator='deflected_visits + matched_case_count',
         known='deflected_visits is not null'),
    dict(of_visits, key='self_service_share_of_demand', numerator='successful_visits', denominator='successful_visits + matched_case_count',
         known='successful_visits is not null'),
    dict(of_visits, key='agent_hours_freed', numerator='deflected_hours + automated_hours', denominator=none,
         known='deflected_hours is not null and automated_hours is not null'),
    dict(of_visits, key='self_service_cost_savings', numerator='deflected_cost_amount', denominator=none,
         known='deflected_cost_amount is not null'),
    dict(of_visits, key='kb_roi', numerator='deflected_cost_amount + article_saved_amount - knowledge_base_cost_amount',
         denominator='knowledge_base_cost_amount', subject="visit_count > 0 and dimension = 'all' and knowledge_base_cost_amount > 0",
         known='deflected_cost_amount is not null and article_saved_amount is not null and ' ~ whole_period),
    {'key': 'support_scale_gap', 'numerator': 'assisted_case_count - grown_cases', 'denominator': 'prior_assisted_case_count',
     'subject': 'prior_assisted_case_count > 0', 'known': 'grown_cases is not null', 'excluded': 'out_of_scope',
     'units': 'prior_assisted_case_count', 'known_units': 'prior_assisted_case_count'},
    {'key': 'demand_reduction_by_strategy', 'numerator': removed_cases, 'denominator': removed_cases ~ ' + assisted_case_count',
     'subject': "dimension = 'all' and assisted_case_count > 0", 'known': known_parts | join(' + ') ~ ' > 0', 'excluded': 'out_of_scope',
     'known_units': 'assisted_case_count', 'units': demand_strategies() | length ~ ' * assisted_case_count',
     'covered_units': 'assisted_case_count * (' ~ known_parts | join(' + ') ~ ')'},
] -%}
{%- for strategy in demand_strategies() -%}
    {%- do measures.append({
        'key': 'demand_reduction_by_strategy', 'dimension': 'strategy', 'member': strategy,
        'numerator': removed[strategy][0], 'denominator': removed_cases ~ ' + assisted_case_count', 'known': removed[strategy][1],
        'subject': "dimension = 'all' and assisted_case_count > 0", 'excluded': 'out_of_scope',
        'units': 'greatest(coalesce(visit_count, 1), 1)' if strategy == 'self_service' else 'assisted_case_count',
        'known_units': 'answered_visit_count' if strategy == 'self_service' else 'assisted_case_count',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer over a period, by its use of self-service before the opening, from fct_self_service_windows. #}
{% macro self_service_window_measures() %}
{%- set measures = [] -%}
{%- for band in ('used', 'not_used', 'unknown') -%}
    {%- do measures.append({
        'key': 'adoption_by_self_service_use', 'dimension': 'self_service_band', 'member': band,
        'numerator': 'closing_adopted_quantity', 'denominator': 'closing_known_sold_quantity', 'known': 'closing_known_sold_quantity > 0',
        'subject': "self_service_band = '" ~ band ~ "' and closing_sold_quantity > 0", 'excluded': 'out_of_scope',
    }) -%}
    {%- do measures.append({
        'key': 'retention_by_self_service_use', 'dimension': 'self_service_band', 'member': band,
        'numerator': 'case when is_active_at_closing then 1 else 0 end', 'denominator': '1', 'known': 'true',
        'subject': "self_service_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one person in a month, from fct_time_months. #}
{% macro time_measures() %}
{{ return([
    {'key': 'high_value_time_share', 'numerator': 'high_value_minutes', 'denominator': 'valued_minutes', 'subject': 'true',
     'known': 'valued_entry_count > 0', 'excluded': 'out_of_scope', 'units': 'entry_count', 'known_units': 'valued_entry_count'},
]) }}
{% endmacro %}

{#
    Contributions of what is a product of shares: a total is laid out over the subjects behind it in equal parts, each rounded so that the
    parts add up to the total to the last digit. A subject takes the parts after `begun` up to `reached` of `whole` ones.
#}
{% macro part_of_total(total, begun, reached, whole) -%}
    cast(round(cast({{ total }} as double) * {{ reached }} / nullif({{ whole }}, 0), 6) as decimal(18, 6))
    - cast(round(cast({{ total }} as double) * {{ begun }} / nullif({{ whole }}, 0), 6) as decimal(18, 6))
{%- endmacro %}

{# Of one visit in a period, from the step `demand_visits` of fct_metric_contributions. #}
{% macro demand_visit_measures() %}
{%- set of_entitled = {'subject': 'is_entitled', 'excluded': 'out_of_scope'} -%}
{%- set measures = [
    dict(of_entitled, key='deflection_rate', numerator='deflected_visits', denominator='deflected_visits', known='deflected_visits is not null'),
    {'key': 'self_service_share_of_demand', 'numerator': 'successful_visits', 'denominator': 'successful_visits', 'subject': 'true',
     'known': 'successful_visits is not null', 'excluded': 'out_of_scope'},
    dict(of_entitled, key='agent_hours_freed', numerator='deflected_hours', denominator=none, known='are_hours_known'),
    dict(of_entitled, key='self_service_cost_savings', numerator='deflected_cost_amount', denominator=none,
         known='deflected_cost_amount is not null'),
    dict(of_entitled, key='kb_roi', numerator='deflected_cost_amount', denominator='0', known='is_return_known'),
    dict(of_entitled, key='demand_reduction_by_strategy', numerator='deflected_visits', denominator='deflected_visits',
         known='is_deflection_whole'),
] -%}
{%- for strategy in demand_strategies() -%}
    {%- do measures.append(dict(
        of_entitled, key='demand_reduction_by_strategy', dimension='strategy', member=strategy, denominator='deflected_visits',
        numerator='deflected_visits' if strategy == 'self_service' else '0',
        known='is_deflection_whole and ' ~ strategy_is_known(strategy),
    )) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one case that was opened or closed in a period, from the step `demand_cases` of fct_metric_contributions. #}
{% macro demand_case_measures() %}
{%- set opened = "event = 'opened' and not coalesce(is_automated, false)" -%}
{%- set automated = "event = 'closed' and coalesce(is_automated, false)" -%}
{%- set measures = [
    {'key': 'deflection_rate', 'numerator': '0', 'denominator': '1', 'subject': opened ~ ' and are_visits_known', 'known': 'is_deflection_known',
     'excluded': 'out_of_scope'},
    {'key': 'self_service_share_of_demand', 'numerator': '0', 'denominator': '1', 'subject': opened ~ ' and are_visits_known',
     'known': 'is_success_known', 'excluded': 'out_of_scope'},
    {'key': 'agent_hours_freed', 'numerator': 'handle_hours', 'denominator': none, 'subject': automated, 'known': 'are_hours_known',
     'excluded': 'out_of_scope'},
    {'key': 'kb_roi', 'numerator': 'article_saved_amount', 'denominator': '0', 'subject': "event = 'closed' and has_reused_article",
     'known': 'is_return_known and article_saved_amount is not null', 'excluded': 'out_of_scope'},
    {'key': 'demand_reduction_by_strategy', 'numerator': "case when event = 'closed' then 1 else 0 end", 'denominator': '1',
     'subject': '(' ~ opened ~ ') or (' ~ automated ~ ')', 'known': 'is_any_strategy_known', 'excluded': 'out_of_scope'},
] -%}
{%- for strategy in demand_strategies() -%}
    {%- do measures.append({
        'key': 'demand_reduction_by_strategy', 'dimension': 'strategy', 'member': strategy, 'denominator': '1',
        'numerator': "case when event = 'closed' then 1 else 0 end" if strategy == 'automation' else '0',
        'subject': '(' ~ opened ~ ') or (' ~ automated ~ ')', 'known': strategy_is_known(strategy), 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one cause with a fix in a period, from the step `demand_causes` of fct_metric_contributions. #}
{% macro demand_cause_measures() %}
{%- set of_causes = {'subject': 'true', 'known': 'prevented_cases is not null', 'excluded': 'out_of_scope', 'numerator': 'prevented_cases'} -%}
{%- set measures = [
    dict(of_causes, key='prevented_cases', denominator=none),
    dict(of_causes, key='demand_reduction_by_strategy', denominator='prevented_cases'),
] -%}
{%- for strategy in demand_strategies() -%}
    {%- do measures.append(dict(
        of_causes, key='demand_reduction_by_strategy', dimension='strategy', member=strategy, denominator='prevented_cases',
        numerator='prevented_cases' if strategy == 'prevention' else '0',
        known='prevented_cases is not null and ' ~ strategy_is_known(strategy),
    )) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one month of a period, from the step `demand_costs` of fct_metric_contributions. #}
{% macro demand_cost_measures() %}
{{ return([
    {'key': 'kb_roi', 'numerator': '-knowledge_base_cost_amount', 'denominator': 'knowledge_base_cost_amount', 'subject': 'true',
     'known': 'is_return_known', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one customer in a period and the same period a year before, from the step `demand_customers` of fct_metric_contributions. #}
{% macro demand_customer_measures() %}
{{ return([
    {'key': 'support_scale_gap', 'numerator': 'assisted_case_count - grown_cases', 'denominator': 'prior_assisted_case_count',
     'subject': 'true', 'known': 'grown_cases is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Whether what a strategy removed is known of a period. #}
{% macro strategy_is_known(strategy) -%}
    {{ return({'proficiency': 'false', 'prevention': 'is_prevention_known', 'self_service': 'is_deflection_whole',
               'automation': 'is_automation_known'}[strategy]) }}
{%- endmacro %}
