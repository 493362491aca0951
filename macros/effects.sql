{#
    The metrics that say what a treatment does (clarifications B13). Another one is an entry here, a part of int_treatments and
    int_treatment_feeds, and, if its outcome is new, a part of fct_effect_outcomes. An entry is
      key             metric key
      treatment_kind  treatments of int_treatments; each is a member, `all` of them together the total
      dimension       the metric's dimension of treatments
      outcome         outcome of fct_effect_outcomes
      is_level        whether the outcome is a level of the twelve months after (renewed, retained), which has no time before
      side            up or down: where the effect is expected
#}
{% macro effect_metrics() -%}
{{ return([
    {'key': 'adoption_lift_after_action', 'treatment_kind': 'action', 'dimension': 'action_type', 'outcome': 'license_adoption',
     'is_level': false, 'side': 'up'},
    {'key': 'proficiency_adoption_effect', 'treatment_kind': 'proficiency', 'dimension': 'mode', 'outcome': 'license_adoption',
     'is_level': false, 'side': 'up'},
    {'key': 'proficiency_support_demand_effect', 'treatment_kind': 'proficiency', 'dimension': 'mode', 'outcome': 'how_to_cases_per_user',
     'is_level': false, 'side': 'down'},
    {'key': 'proficiency_expansion_effect', 'treatment_kind': 'proficiency', 'dimension': 'mode', 'outcome': 'revenue_expansion',
     'is_level': true, 'side': 'up'},
    {'key': 'proficiency_success_effect', 'treatment_kind': 'proficiency', 'dimension': 'mode', 'outcome': 'plan_realization',
     'is_level': false, 'side': 'up'},
]) }}
{%- endmacro %}

{#
    The same as rows. Months are counted from the month of the first treatment: a change is read three months after it and one before, a
    level in the month itself, for it looks twelve months ahead; the outcome is known when its last month is over.
#}
{% macro list_of_effects() -%}
    {%- for effect in effect_metrics() %}
    select
        '{{ effect.key }}' as metric_key,
        '{{ effect.treatment_kind }}' as treatment_kind,
        '{{ effect.dimension }}' as treatment_dimension,
        '{{ effect.outcome }}' as outcome_key,
        {{ 'true' if effect.is_level else 'false' }} as is_level,
        {{ 0 if effect.is_level else 3 }} as reading_month,
        {{ 12 if effect.is_level else 3 }} as closing_month,
        '{{ effect.side }}' as expected_side
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
