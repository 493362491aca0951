{# The measures of selling services. What a measure is made of: macros/measures.sql. #}

{#
    Steps of a query that end with `keyed`: the relation with `opportunity_key`. A row names an opportunity by its id; that of the row's own
    system is meant where it has one of this id, else the one of any system (of several the smallest key).
#}
{% macro with_opportunity_keys(relation) -%}
opportunities as (
    select opportunity_key, substr(opportunity_key, length(system) + 2) as opportunity_id
    from {{ ref('int_opportunities') }}
),

elsewhere as (
    select opportunity_id, min(opportunity_key) as opportunity_key
    from opportunities
    group by opportunity_id
),

keyed as (
    select
        {{ relation }}.*,
        coalesce(
            own.opportunity_key,
            elsewhere.opportunity_key,
            case when {{ relation }}.opportunity_id is not null then concat({{ relation }}.system, ':', {{ relation }}.opportunity_id) end
        ) as opportunity_key
    from {{ relation }}
    left join opportunities as own
        on case when {{ relation }}.opportunity_id is not null then concat({{ relation }}.system, ':', {{ relation }}.opportunity_id) end
        = own.opportunity_key
    left join elsewhere on {{ relation }}.opportunity_id = elsewhere.opportunity_id
)
{%- endmacro %}

{# Whether a type of offer is a line of business of a service. #}
{% macro is_service_line(column) -%}
{{ column }} in ({% for line in service_lines() %}'{{ line }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# What happens to a quote, each with the column of fct_service_quotes that dates it. #}
{% macro quote_events() -%}
{{ return({
    'created': 'created_date', 'configured': 'configured_date', 'proposed': 'proposal_date', 'decided': 'decided_date',
    'accepted': 'accepted_date', 'booked': 'booked_date', 'scheduled': 'scheduled_date',
}) }}
{%- endmacro %}

{# Of one quote for services and what happened to it, from fct_quote_events. #}
{% macro quote_measures() %}
{%- set measures = [] -%}
{%- for key, event, column in (
    ('guided_selling_usage', 'created', 'is_guided'),
    ('on_demand_quote_share', 'created', 'is_on_demand'),
    ('selling_platform_adoption_rate', 'created', 'is_on_platform'),
    ('proposal_automation_share', 'proposed', 'is_proposal_automated'),
    ('bundle_share', 'accepted', 'has_bundle'),
    ('custom_sow_share', 'accepted', 'has_custom_sow'),
    ('digital_acceptance_rate', 'accepted', 'is_esigned'),
    ('quote_error_rate', 'accepted', 'has_error'),
    ('first_time_right_quote_share', 'accepted', 'is_right_first_time'),
    ('auto_approval_share', 'decided', 'is_automatic'),
    ('approval_rejection_rate', 'decided', 'is_rejected'),
) -%}
    {%- do measures.append({
        'key': key, 'event': event, 'numerator': 'case when ' ~ column ~ ' then 1 else 0 end', 'denominator': '1',
        'known': column ~ ' is not null',
    }) -%}
{%- endfor -%}
{%- set by_policy = {
    'numerator': 'compliant_line_count', 'denominator': 'policy_line_count', 'known': 'policy_line_count > 0',
    'units': 'service_line_count', 'known_units': 'policy_line_count',
} -%}
{%- do measures.extend([
    {'key': 'custom_configuration_share', 'event': 'created', 'numerator': 'custom_line_count', 'denominator': 'known_custom_line_count',
     'known': 'known_custom_line_count > 0', 'units': 'service_line_count', 'known_units': 'known_custom_line_count'},
    {'key': 'service_discount_rate', 'event': 'accepted', 'numerator': 'list_amount - net_amount', 'denominator': 'list_amount',
     'known': 'list_amount > 0'},
    dict(key='policy_compliance_rate', event='accepted', **by_policy),
    {'key': 'fit_compliance_rate', 'event': 'accepted', 'numerator': 'fitting_line_count', 'denominator': 'ruled_line_count',
     'known': 'ruled_line_count > 0', 'units': 'service_line_count', 'known_units': 'ruled_line_count'},
    {'key': 'rekeyed_record_share', 'event': 'booked', 'numerator': 'rekeyed_booking_count', 'denominator': 'booking_count',
     'known': 'rekeyed_booking_count is not null', 'units': 'booking_count',
     'known_units': 'case when rekeyed_booking_count is not null then booking_count else 0 end'},
]) -%}
{%- for kind in ('automatic', 'manual', 'none', 'unknown') -%}
    {%- do measures.append(dict(
        key='policy_compliance_by_approval_automation', event='accepted', dimension='approval_kind', member=kind,
        condition="approval_kind = '" ~ kind ~ "'", **by_policy
    )) -%}
{%- endfor -%}
{%- for measure in measures -%}
    {%- do measure.update(
        subject="event = '" ~ measure.event ~ "'" ~ (' and ' ~ measure.condition if measure.condition), excluded='out_of_scope'
    ) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one opportunity that was closed, from fct_selling_opportunities. #}
{% macro selling_opportunity_measures() %}
{%- set won = 'case when is_won then 1 else 0 end' -%}
{%- set measures = [
    {'key': 'service_win_rate', 'numerator': won, 'subject': 'is_service and is_closed', 'known': 'true'},
    {'key': 'value_justification_rate', 'numerator': 'case when has_value_asset then 1 else 0 end', 'subject': 'is_service and is_closed',
     'known': 'has_value_asset is not null'},
    {'key': 'message_win_rate', 'numerator': won, 'subject': 'is_service and is_closed and has_message', 'known': 'true'},
    {'key': 'resource_win_rate', 'numerator': won, 'subject': 'is_service and is_closed and has_resource', 'known': 'true'},
    {'key': 'service_opportunity_recognition_rate', 'numerator': 'case when has_service_need then 1 else 0 end',
     'subject': 'is_product and is_closed', 'known': 'has_service_need is not null'},
] -%}
{%- for reason in (
    'value_not_perceived', 'price_budget', 'not_used', 'product_gap', 'competitor', 'service_quality', 'business_closed_or_acquired',
    'non_payment', 'paused', 'other', 'unknown',
) -%}
    {%- do measures.append({
        'key': 'service_lost_reason_mix', 'dimension': 'reason', 'member': reason, 'known': 'true', 'covered': "loss_reason <> 'unknown'",
        'numerator': "case when loss_reason = '" ~ reason ~ "' then 1 else 0 end",
        'subject': 'is_service and is_closed and not is_won',
    }) -%}
{%- endfor -%}
{%- for measure in measures -%}{%- do measure.update(denominator='1', excluded='out_of_scope') -%}{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Of one stage that an opportunity for services entered, from fct_selling_stages. #}
{% macro selling_stage_measures() %}
{%- set measures = [] -%}
{%- for stage in [none] + selling_stages() -%}
    {%- do measures.append({
        'key': 'service_stage_conversion_rate', 'numerator': 'case when has_moved_on then 1 else 0 end', 'denominator': '1',
        'known': 'has_moved_on is not null', 'excluded': 'out_of_scope',
        'subject': "stage = '" ~ stage ~ "'" if stage else 'true', 'dimension': 'stage' if stage else none, 'member': stage,
    }) -%}
{%- endfor -%}
{{ return(measures) }}
{% endmacro %}

{# Stages of the selling process in their order, as the seed sales_stages has them. #}
{% macro selling_stages() -%}
{{ return(['qualification', 'discovery', 'solution', 'proposal', 'negotiation']) }}
{%- endmacro %}
