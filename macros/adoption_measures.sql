{# The measures of adoption. What a measure is made of: macros/measures.sql. #}

{# Of one customer and product counted by seats at a month-end, from fct_license_months. #}
{% macro license_measures() %}
{%- set known = 'adopted_quantity is not null' -%}
{%- set measures = [
    {'key': 'license_adoption_rate', 'numerator': 'adopted_quantity', 'denominator': 'sold_quantity'},
    {'key': 'license_adoption_rate_arr_weighted', 'numerator': 'adopted_arr_amount', 'denominator': 'arr_amount',
     'known': 'adopted_arr_amount is not null'},
    {'key': 'deployment_rate', 'numerator': 'assigned_count', 'denominator': 'sold_quantity',
     'known': 'assigned_count is not null and sold_quantity is not null'},
    {'key': 'overage_license_count', 'numerator': 'overage_quantity', 'denominator': none, 'known': 'overage_quantity is not null'},
    {'key': 'unused_license_count', 'numerator': 'unused_quantity', 'denominator': none},
    {'key': 'shelfware_arr', 'numerator': 'shelfware_amount', 'denominator': 'arr_amount',
     'known': 'shelfware_amount is not null'},
    {'key': 'usage_coverage_rate', 'numerator': "case when measurement_source = 'observed' then arr_amount else 0 end",
     'denominator': 'arr_amount', 'known': 'arr_amount is not null'},
] -%}
{%- for source in ('observed', 'survey', 'unknown') -%}
    {%- do measures.append({
        'key': 'adoption_measurement_source', 'dimension': 'source', 'member': source,
        'numerator': "case when measurement_source = '" ~ source ~ "' then sold_quantity else 0 end", 'denominator': 'sold_quantity',
        'known': 'sold_quantity is not null', 'covered': "measurement_source <> 'unknown'",
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(subject='true', excluded='out_of_scope') -%}{%- endfor -%}
{{ return(known_by_default(measures, known)) }}
{% endmacro %}

{# Of one active customer at a month-end, from fct_adoption_months. #}
{% macro adoption_measures() %}
{%- set measures = [
    {'key': 'basic_user_share', 'numerator': 'classified_user_count - advanced_user_count', 'denominator': 'classified_user_count'},
    {'key': 'advanced_user_share', 'numerator': 'advanced_user_count', 'denominator': 'classified_user_count'},
    {'key': 'active_days_per_user', 'numerator': 'user_day_count', 'denominator': 'active_user_count'},
    {'key': 'dau_mau_stickiness', 'numerator': 'user_day_count',
     'denominator': var('adoption_window_days') ~ ' * active_user_count'},
    {'key': 'feature_breadth_rate', 'numerator': 'used_feature_count', 'denominator': 'entitled_feature_count',
     'known': 'entitled_feature_count is not null'},
    {'key': 'using_customer_share', 'numerator': 'case when is_using then 1 else 0 end', 'denominator': '1',
     'known': 'is_using is not null', 'subject': 'true'},
    {'key': 'targeted_user_adoption_rate', 'numerator': 'active_assigned_count', 'denominator': 'assigned_count',
     'known': 'active_assigned_count is not null'},
] -%}
{%- for barrier in ('too_complex', 'lacks_skills', 'not_aligned', 'other', 'unknown') -%}
    {%- do measures.append({
        'key': 'adoption_barrier_mix', 'dimension': 'barrier', 'member': barrier, 'known': none,
        'numerator': "case when adoption_barrier = '" ~ barrier ~ "' then 1 else 0 end", 'denominator': '1',
        'subject': 'adoption_barrier is not null', 'covered': "adoption_barrier <> 'unknown'",
    }) -%}
{%- endfor -%}
{#- Users and features of products counted by seats; who holds none has no users to know of. -#}
{%- for measure in measures -%}
    {%- do measure.update(subject=measure.get('subject', 'sold_quantity is not null or active_user_count > 0'), excluded='out_of_scope') -%}
{%- endfor -%}
{{ return(known_by_default(measures, 'active_user_count is not null')) }}
{% endmacro %}

{# Of one customer over a period, by its adoption at the opening, from fct_adoption_windows. #}
{% macro adoption_window_measures() %}
{%- set measures = [] -%}
{%- for band in ('green', 'amber', 'red', 'ramp', 'unknown') -%}
    {%- do measures.append({
        'key': 'expansion_rate_by_adoption_band', 'dimension': 'adoption_band', 'member': band,
        'numerator': 'expanded_mrr_amount', 'denominator': 'opening_mrr_amount', 'known': 'is_amount_known',
        'subject': "adoption_band = '" ~ band ~ "'", 'excluded': 'out_of_scope',
    }) -%}
    {%- do measures.append({
        'key': 'license_purchase_rate_by_adoption_band', 'dimension': 'adoption_band', 'member': band,
        'numerator': 'case when has_bought_licenses then 1 else 0 end', 'denominator': '1', 'known': 'has_bought_licenses is not null',
        'subject': "adoption_band = '" ~ band ~ "' and opening_sold_quantity > 0", 'excluded': 'out_of_scope',
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}
