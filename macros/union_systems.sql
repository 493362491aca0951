{#
    One contract entity out of all enabled systems that feed it; an empty typed relation when none does.
    Columns and types come from the entity's own YAML, so the contract is written once; columns that the entity itself adds are left out.
#}
{% macro union_systems(entity, feeders, added=[]) -%}
{%- set enabled = [] -%}
{%- for system in feeders if system in var('systems') -%}{%- do enabled.append(system) -%}{%- endfor -%}
{%- set contract = model.columns.values() | rejectattr('name', 'in', added) | list if execute else [] -%}
{%- for system in enabled %}
    {{ 'union all' if not loop.first }}
    select
        {%- for column in contract %}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(entity ~ '__' ~ system) }}
{%- else %}
    select
        {%- for column in contract %}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as nothing) as no_system
    where 1 = 0
{%- endfor %}
{%- endmacro %}
