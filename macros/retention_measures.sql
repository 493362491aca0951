{#
    The measures of the retention theme, written once: fct_metric_values sums them, fct_metric_contributions lists them.
    Amounts read the bridge, which is as reported where the policy says so; ratios read the balances at constant rates.
    What a measure is made of: macros/measures.sql.
#}
{% macro window_measures() %}
{#- A customer whose amount is unknown may belong to the cohort: it lowers coverage. -#}
{%- set cohort = 'opening_mrr_amount > 0 or not is_amount_known' -%}
{%- set either = 'opening_mrr_amount > 0 or closing_mrr_amount > 0 or not is_amount_known' -%}
{%- set all_revenue = {
    'numerator': 'revenue_amount', 'denominator': 'prior_revenue_amount', 'subject': 'coalesce(prior_revenue_amount, 1) > 0',
    'known': 'prior_revenue_amount is not null and revenue_amount is not null',
    'grains': "('t12m', 'year')", 'excluded': 'not_in_opening',
} -%}
{%- set recurring = {
    'numerator': 'retained_mrr_amount', 'denominator': 'case when opening_mrr_amount > 0 then opening_mrr_amount else 0 end',
    'subject': cohort ~ ' or retained_mrr_amount > 0', 'excluded': 'not_in_opening',
} -%}
{%- set measures = [
    {'key': 'customer_retention_rate', 'known': none, 'numerator': 'case when is_active_at_opening and is_active_at_closing then 1 else 0 end',
     'denominator': 'case when is_active_at_opening then 1 else 0 end', 'subject': 'is_active_at_opening', 'excluded': 'not_in_opening'},
    dict(all_revenue if var('nrr_revenue_basis') == 'all_revenue_t12m' else recurring, key='net_revenue_retention'),
    {'key': 'gross_revenue_retention', 'numerator': 'kept_mrr_amount', 'denominator': 'opening_mrr_amount', 'subject': cohort,
     'excluded': 'not_in_opening'},
    dict(all_revenue, key='nrr_all_revenue'),
    {'key': 'recurring_revenue_rate', 'numerator': 'closing_mrr_amount', 'denominator': 'opening_mrr_amount', 'subject': either,
     'excluded': 'out_of_scope'},
    {'key': 'gross_mrr_churn_rate', 'numerator': 'greatest(opening_mrr_amount - closing_mrr_amount, 0)', 'denominator': 'opening_mrr_amount',
     'subject': cohort, 'excluded': 'not_in_opening'},
    {'key': 'net_mrr_churn_rate',
     'numerator': 'opening_mrr_amount - closing_mrr_amount', 'denominator': 'opening_mrr_amount', 'subject': cohort ~ " or movement = 'reactivation'", 'excluded': 'not_in_opening'},
    {'key': 'net_recurring_revenue_change', 'numerator': 'bridge_closing_amount - bridge_opening_amount', 'denominator': none,
     'subject': either, 'excluded': 'zero_value'},
    {'key': 'retained_at_lower_value_count', 'numerator': 'case when closing_mrr_amount < opening_mrr_amount then 1 else 0 end',
     'denominator': '1', 'subject': 'opening_mrr_amount > 0 and closing_mrr_amount > 0 or not is_amount_known', 'excluded': 'not_in_opening'},
    {'key': 'net_customer_change', 'known': none,
     'numerator': 'case when is_active_at_closing then 1 else 0 end - case when is_active_at_opening then 1 else 0 end',
     'denominator': none, 'subject': 'is_active_at_opening <> is_active_at_closing', 'excluded': 'zero_value'},
    {'key': 'attrition_arr', 'numerator': "12 * -family_loss_mrr_amount", 'denominator': none,
     'subject': "movement = 'contraction' and family_loss_mrr_amount <> 0", 'excluded': 'zero_value'},
] -%}
{%- for key, column in (
    ('new_arr', 'new'), ('reactivation_arr', 'reactivation'), ('expansion_arr', 'expansion'), ('contraction_arr', 'contraction'),
    ('churned_arr', 'churn'), ('fx_impact_arr', 'fx_impact'),
) -%}
    {%- do measures.append({
        'key': key, 'numerator': '12 * ' ~ column ~ '_mrr_amount', 'denominator': none,
        'subject': column ~ '_mrr_amount <> 0', 'excluded': 'zero_value',
    }) -%}
{%- endfor -%}
{%- for member, column, sign in (
    ('opening', 'bridge_opening_amount', ''), ('new', 'new_mrr_amount', ''), ('reactivation', 'reactivation_mrr_amount', ''),
    ('expansion', 'expansion_mrr_amount', ''), ('contraction', 'contraction_mrr_amount', '-'), ('churn', 'churn_mrr_amount', '-'),
    ('fx_impact', 'fx_impact_mrr_amount', ''), ('closing', 'bridge_closing_amount', ''),
) -%}
    {%- do measures.append({
        'key': 'recurring_revenue_movements', 'dimension': 'movement', 'member': member, 'numerator': sign ~ column,
        'denominator': 'bridge_opening_amount', 'subject': either, 'excluded': 'zero_value',
    }) -%}
{%- endfor -%}
{%- for member in ('price', 'seat', 'tier', 'uplift', 'cross_sell', 'family_loss') -%}
    {%- do measures.append({
        'key': 'growth_reason_mix', 'dimension': 'reason', 'member': member, 'numerator': member ~ '_mrr_amount',
        'denominator': 'expansion_mrr_amount', 'subject': "movement = 'expansion'", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(known_by_default(measures, 'is_amount_known')) }}
{% endmacro %}

{# Balances of one month-end, from fct_customer_months. #}
{% macro balance_measures() %}
{%- set paying = 'mrr_amount > 0 or not is_amount_known' -%}
{%- set measures = [
    {'key': 'mrr', 'numerator': 'bridge_amount_0', 'denominator': none, 'subject': paying, 'excluded': 'zero_value'},
    {'key': 'arr', 'numerator': '12 * bridge_amount_0', 'denominator': none, 'subject': paying, 'excluded': 'zero_value'},
    {'key': 'pending_renewal_mrr', 'numerator': 'pending_mrr_amount', 'denominator': 'mrr_amount', 'subject': paying,
     'excluded': 'zero_value'},
    {'key': 'revenue_generating_customer_count', 'known': none, 'numerator': '1', 'denominator': none, 'subject': 'is_active',
     'excluded': 'out_of_scope'},
    {'key': 'relationship_tenure_months', 'known': none, 'numerator': 'tenure_months', 'denominator': '1', 'subject': 'is_active',
     'excluded': 'out_of_scope'},
    {'key': 'customer_relationship_value', 'numerator': '12 * bridge_amount_0 + non_recurring_revenue_t12m_amount',
     'denominator': none, 'subject': 'is_active', 'excluded': 'out_of_scope',
     'known': 'is_amount_known and non_recurring_revenue_t12m_amount is not null'},
] -%}
{%- for status in ('active_recurring', 'active_transactional', 'dormant_user', 'lost') -%}
    {%- do measures.append({
        'key': 'relationship_status', 'dimension': 'status', 'member': status, 'known': none,
        'numerator': "case when relationship_status = '" ~ status ~ "' then 1 else 0 end", 'denominator': '1',
        'subject': 'true', 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(known_by_default(measures, 'is_amount_known')) }}
{% endmacro %}
