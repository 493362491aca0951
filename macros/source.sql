{# A landed export on Spark is read from its files, as meta.external_location has it on DuckDB. #}
{% macro source(source_name, table_name) %}
{%- set relation = builtins.source(source_name, table_name) -%}
{%- if target.type == 'spark' and execute -%}
    {%- set files = graph.sources.values() | selectattr('source_name', 'equalto', source_name) | selectattr('name', 'equalto', table_name)
        | map(attribute='config.meta.landed_files') | first -%}
    {%- set files = files | replace('{schema}', relation.schema) | replace('{name}', relation.identifier) -%}
    {%- set relation = 'parquet.`' ~ files ~ '`' -%}
{%- endif -%}
{{ return(relation) }}
{% endmacro %}
