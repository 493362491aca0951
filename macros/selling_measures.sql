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
