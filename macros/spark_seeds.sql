{# Seeds on Spark as literals: dbt-spark binds values without escaping quotes, and an empty cell as the text None. #}
{% macro spark__load_csv_rows(model, agate_table) %}
{%- set types = model.config.get('column_types', {}) -%}
{%- set sql %}
    insert into {{ this.render() }} values
    {%- for row in agate_table.rows %}
    (
        {%- for name in agate_table.column_names -%}
            cast({{ 'null' if row[name] is none else text_literal(row[name]) }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }})
            {{- ', ' if not loop.last }}
        {%- endfor -%}
    ){{ ',' if not loop.last }}
    {%- endfor %}
{% endset -%}
{%- if agate_table.rows | length > 0 -%}
    {%- do run_query(sql) -%}
{%- endif -%}
{{ return(sql) }}
{% endmacro %}
