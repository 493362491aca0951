{# A build says in its own database whether it is whole: `postsale publish` takes no other. One row in build.outcome. #}

{# From the first change on, whatever the last build said no longer holds. #}
{% macro begin_outcome() -%}
    {%- if execute and flags.WHICH in ('build', 'clone', 'retry', 'run', 'seed', 'snapshot') -%}
        {{ write_outcome('dbt ' ~ flags.WHICH ~ ' has begun and not ended') }}
    {%- endif -%}
{%- endmacro %}

{# Whole is: a `dbt build` in which every model, seed and test of the project ran, on all rows, and none failed. #}
{% macro end_outcome(results) -%}
    {%- if execute and flags.WHICH in ('build', 'clone', 'retry', 'run', 'seed', 'snapshot') -%}
        {%- set good = results | selectattr('status', 'in', ['success', 'pass', 'warn']) | map(attribute='node.unique_id') | list -%}
        {%- set project = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed', 'snapshot', 'test'])
            | selectattr('config.enabled') | rejectattr('config.materialized', 'eq', 'ephemeral') | map(attribute='unique_id') | list -%}
        {%- set left_out = project | reject('in', good) | list -%}
        {%- if good | length < results | length -%}
            {{ write_outcome('dbt ' ~ flags.WHICH ~ ' failed') }}
        {%- elif left_out or flags.WHICH != 'build' -%}
            {{ write_outcome('dbt ' ~ flags.WHICH ~ ' left out ' ~ left_out | length ~ ' of ' ~ project | length ~ ' models, seeds and tests') }}
        {%- elif invocation_args_dict.get('empty') or invocation_args_dict.get('sample') -%}
            {{ write_outcome('dbt build read only a part of the rows (--empty or --sample)') }}
        {%- else -%}
            {{ write_outcome(none) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# `problem` is null for a whole build; `target_path` is the folder of its manifest, relative to the project. #}
{% macro write_outcome(problem) -%}
    {%- do run_query('create schema if not exists build') -%}
    {%- do run_query('drop table if exists build.outcome') -%}
    create table build.outcome as
    select
        cast({{ "'" ~ problem ~ "'" if problem else 'null' }} as {{ dbt.type_string() }}) as problem,
        '{{ dbt.escape_single_quotes(invocation_args_dict.get("target_path") or "target") }}' as target_path
{%- endmacro %}
