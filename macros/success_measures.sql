{# The measures of customers' success. What a measure is made of: macros/measures.sql. #}

{# Bands of customers by how far their success plans are realized; unknown is one of them. #}
{% macro success_bands() -%}
{{ return(['low', 'mid', 'high', 'unknown']) }}
{%- endmacro %}

{# Realization from which on a customer is in the middle and in the upper band; below the middle one it fails. #}
{% macro success_limits() -%}
{{ return({'mid_from': '0.5', 'high_from': '0.75'}) }}
{%- endmacro %}

{# Of one success plan in scope at a month-end, from fct_success_plans. Objectives are what is counted. #}
{% macro success_plan_measures() %}
{%- set known = {
    'known': 'known_counted_objective_count > 0', 'subject': 'counted_objective_count > 0', 'units': 'counted_objective_count',
    'known_units': 'known_counted_objective_count', 'denominator': 'realization_denominator',
} -%}
{%- set every = {
    'subject': 'objective_count > 0', 'denominator': 'objective_count', 'units': 'objective_count', 'known_units': 'objective_count',
} -%}
{%- set measures = [
    dict(known, key='success_plan_realization_rate', numerator='realization_numerator'),
    dict(known, key='success_plan_schedule_variance', numerator='variance_numerator'),
    dict(every, key='success_plan_strict_rate', numerator='achieved_objective_count', covered_units='known_objective_count'),
    dict(every, key='measurable_outcome_share', numerator='measurable_objective_count'),
    {'key': 'objective_resource_alignment_rate', 'numerator': 'resourced_objective_count', 'denominator': 'known_resource_count',
     'subject': 'objective_count > 0', 'known': 'known_resource_count > 0', 'units': 'objective_count',
     'known_units': 'known_resource_count'},
    {'key': 'mutual_agreement_rate', 'numerator': 'case when is_agreed then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_agreed is not null'},
] -%}
{%- for measure in measures -%}{%- do measure.update(excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one active customer at a month-end, from fct_success_months. #}
{% macro success_measures() %}
{%- set measures = [
    {'key': 'success_plan_coverage_rate', 'numerator': 'case when has_open_plan then 1 else 0 end', 'subject': 'true',
     'known': 'has_open_plan is not null'},
    {'key': 'success_definition_coverage', 'numerator': 'case when has_success_definition then 1 else 0 end', 'subject': 'true',
     'known': 'has_success_definition is not null'},
    {'key': 'goal_attaining_customer_share', 'numerator': "case when success_band = 'high' then 1 else 0 end", 'subject': 'true',
     'known': "success_band <> 'unknown'"},
    {'key': 'adopted_not_successful_count', 'numerator': "case when success_state = 'failing' then 1 else 0 end",
     'subject': "adoption_band = 'green'", 'known': "success_state <> 'unknown'"},
    {'key': 'perception_positive_share_account_weighted', 'numerator': "case when perception = 'positive' then 1 else 0 end",
     'subject': 'true', 'known': 'perception is not null'},
    {'key': 'unmet_expectation_rate', 'numerator': "case when perception = 'negative' then 1 else 0 end", 'subject': 'true',
     'known': 'perception is not null'},
] -%}
{%- for measure in measures -%}{%- do measure.update(denominator='1', excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one active customer at a month-end, from fct_success_health_months: health beside the success of its plans. #}
{% macro success_health_measures() %}
{%- set measures = [] -%}
{%- for band in success_bands() -%}
    {%- do measures.append({
        'key': 'health_by_success_band', 'dimension': 'success_band', 'member': band, 'denominator': '1', 'numerator': 'score',
        'known': 'score is not null', 'subject': "success_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer that failed six months before a month-end, from fct_success_recoveries. #}
{% macro success_recovery_measures() %}
{{ return([
    {'key': 'success_recovery_rate', 'numerator': 'case when is_recovered then 1 else 0 end', 'denominator': '1', 'subject': 'true',
     'known': 'is_recovered is not null', 'excluded': 'out_of_scope'},
]) }}
{% endmacro %}

{# Of one expectation that was not met, from fct_unmet_expectations. #}
{% macro unmet_expectation_measures() %}
{%- set measures = [] -%}
{%- for reason in (
    'value_not_perceived', 'price_budget', 'not_used', 'product_gap', 'competitor', 'service_quality', 'business_closed_or_acquired',
    'sponsor_left', 'too_complex', 'lacks_skills', 'not_aligned', 'other', 'unknown',
) -%}
    {%- do measures.append({
        'key': 'unmet_expectation_reason_mix', 'dimension': 'reason', 'member': reason, 'denominator': '1',
        'numerator': "case when reason = '" ~ reason ~ "' then 1 else 0 end", 'subject': 'true', 'covered': "reason <> 'unknown'",
        'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one customer over a period, by what was known of it at the opening, from fct_success_windows. #}
{% macro success_window_measures() %}
{%- set kept = {
    'numerator': 'case when is_active_at_closing then 1 else 0 end', 'denominator': '1', 'subject': 'true', 'excluded': 'out_of_scope',
} -%}
{%- set spent = {
    'denominator': 'opening_mrr_amount', 'known': 'is_amount_known', 'subject': 'opening_mrr_amount > 0 or not is_amount_known',
    'excluded': 'zero_value',
} -%}
{%- set banded = [
    ('perception', ['positive', 'neutral', 'negative', 'unknown'], dict(kept, key='retention_by_perception_band')),
    ('perception', ['positive', 'neutral', 'negative', 'unknown'],
     dict(spent, key='expansion_by_perception_band', numerator='expanded_mrr_amount')),
    ('success_band', success_bands(), dict(kept, key='retention_by_realization_band')),
    ('success_band', success_bands(),
     dict(spent, key='spend_change_by_realization_band', numerator='closing_mrr_amount - opening_mrr_amount')),
    ('health_band', ['green', 'amber', 'red', 'unknown'],
     dict(spent, key='recurring_revenue_rate_by_health_band', numerator='closing_mrr_amount')),
    ('adoption_success', adoption_success_cells(), dict(kept, key='value_chain_matrix')),
] -%}
{%- set measures = [
    {'key': 'loss_despite_success_share', 'denominator': '1', 'subject': 'not is_active_at_closing', 'excluded': 'out_of_scope',
     'numerator': "case when adoption_band = 'green' and success_state = 'succeeding' then 1 else 0 end",
     'known': "adoption_band in ('amber', 'red', 'ramp') or success_state = 'failing'"
              ~ " or (adoption_band = 'green' and success_state = 'succeeding')"},
] -%}
{%- for column, members, measure in banded -%}
    {%- for member in members -%}
        {%- do measures.append(dict(
            measure, dimension=column, member=member, subject='(' ~ measure.subject ~ ') and ' ~ column ~ " = '" ~ member ~ "'",
        )) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Cells of adoption and success, one word each: green_high is green adoption and high success. #}
{% macro adoption_success_cells() -%}
{%- set cells = [] -%}
{%- for adoption in ('green', 'amber', 'red', 'ramp', 'unknown') -%}
    {%- for success in ('high', 'mid', 'low', 'unknown') -%}
        {%- do cells.append(adoption ~ '_' ~ success) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(cells) }}
{%- endmacro %}

{# Of one customer at a month-end, from fct_customer_roi. #}
{% macro roi_measures() %}
{%- set measures = [
    {'key': 'customer_roi', 'numerator': 'benefit_amount - investment_amount', 'denominator': 'investment_amount'},
    {'key': 'customer_roi_pv', 'numerator': 'benefit_pv_amount - investment_pv_amount', 'denominator': 'investment_pv_amount'},
    {'key': 'customer_roi_verified', 'numerator': 'verified_benefit_amount - investment_amount', 'denominator': 'investment_amount'},
] -%}
{%- for measure in measures -%}
    {%- do measure.update(
        subject='benefit_count > 0 and coalesce(investment_amount, 1) > 0', known='investment_amount is not null', excluded='zero_value',
    ) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
