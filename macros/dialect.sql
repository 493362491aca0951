{# Small dispatched macros: everything in which DuckDB and Spark differ, and nothing else. #}

{% macro try_cast_as(expression, data_type) %}{{ return(adapter.dispatch('try_cast_as')(expression, data_type)) }}{% endmacro %}
{% macro default__try_cast_as(expression, data_type) %}try_cast({{ expression }} as {{ data_type }}){% endmacro %}

{# Whether a text is of a pattern from beginning to end; patterns have no backslashes and no quotes. #}
{% macro matches(expression, pattern) %}{{ return(adapter.dispatch('matches')(expression, pattern)) }}{% endmacro %}
{% macro default__matches(expression, pattern) %}regexp_full_match({{ expression }}, '{{ pattern }}'){% endmacro %}
{% macro spark__matches(expression, pattern) %}{{ expression }} rlike '^(?:{{ pattern }})\\z'{% endmacro %}

{# Text without blanks around it, those of Unicode among them. #}
{% macro trimmed(expression) %}{{ return(adapter.dispatch('trimmed')(expression)) }}{% endmacro %}
{% macro default__trimmed(expression) -%}
    {#- What values nearly always are is left alone: DuckDB's trim looks at every letter. -#}
    case
        when {{ expression }} like ' %' or {{ expression }} like '% ' or strlen({{ expression }}) <> length({{ expression }})
            then trim({{ expression }})
        else {{ expression }}
    end
{%- endmacro %}
{% macro spark__trimmed(expression) -%}
    trim(both ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000' from {{ expression }})
{%- endmacro %}

{# The same, and null for what is nothing but blanks. #}
{% macro filled_text(expression) %}{{ return(adapter.dispatch('filled_text')(expression)) }}{% endmacro %}
{% macro default__filled_text(expression) -%}
    {#- Not nullif of the above: where it is no column by itself, DuckDB would work it out twice. -#}
    case
        when {{ expression }} like ' %' or {{ expression }} like '% ' or strlen({{ expression }}) <> length({{ expression }})
            then nullif(trim({{ expression }}), '')
        when {{ expression }} <> '' then {{ expression }}
    end
{%- endmacro %}
{% macro spark__filled_text(expression) %}nullif({{ trimmed(expression) }}, ''){% endmacro %}

{# Text in lower case, letter by letter; Spark alone knows that a sigma at the end of a word has another form. #}
{% macro lower_case(expression) %}{{ return(adapter.dispatch('lower_case')(expression)) }}{% endmacro %}
{% macro default__lower_case(expression) %}lower({{ expression }}){% endmacro %}
{% macro spark__lower_case(expression) %}lower(translate({{ expression }}, '\u03a3\u0130', '\u03c3i')){% endmacro %}

{# A value as a literal of type text. #}
{% macro text_literal(value) %}{{ return(adapter.dispatch('text_literal')(value)) }}{% endmacro %}
{% macro default__text_literal(value) %}{{ return("'" ~ (value | string | replace("'", "''")) ~ "'") }}{% endmacro %}
{% macro spark__text_literal(value) %}{{ return("'" ~ (value | string | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'") }}{% endmacro %}

{# date + whole days; n may be a column. #}
{% macro add_days(date_expression, days) %}{{ return(adapter.dispatch('add_days')(date_expression, days)) }}{% endmacro %}
{% macro default__add_days(date_expression, days) %}cast({{ date_expression }} + cast({{ days }} as integer) as date){% endmacro %}
{% macro spark__add_days(date_expression, days) %}date_add({{ date_expression }}, cast({{ days }} as int)){% endmacro %}

{# date + whole months, clipped to the end of a shorter month; n may be a column. #}
{% macro add_months(date_expression, months) %}{{ return(adapter.dispatch('add_months')(date_expression, months)) }}{% endmacro %}
{% macro default__add_months(date_expression, months) %}cast({{ date_expression }} + to_months(cast({{ months }} as integer)) as date){% endmacro %}
{% macro spark__add_months(date_expression, months) %}add_months({{ date_expression }}, cast({{ months }} as int)){% endmacro %}

{# The calendar day of a UTC timestamp in the reporting time zone. #}
{% macro reporting_date(timestamp_expression) %}{{ return(adapter.dispatch('reporting_date')(timestamp_expression)) }}{% endmacro %}
{% macro default__reporting_date(timestamp_expression) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
        cast({{ timestamp_expression }} as date)
    {%- else -%}
        cast(timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ timestamp_expression }})) as date)
    {%- endif -%}
{%- endmacro %}
{% macro spark__reporting_date(timestamp_expression) %}cast(from_utc_timestamp({{ timestamp_expression }}, '{{ var("reporting_timezone") }}') as date){% endmacro %}

{# A UTC timestamp as clocks of the reporting time zone show it. #}
{% macro reporting_time(timestamp_expression) %}{{ return(adapter.dispatch('reporting_time')(timestamp_expression)) }}{% endmacro %}
{% macro default__reporting_time(timestamp_expression) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
        {{ timestamp_expression }}
    {%- else -%}
        timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ timestamp_expression }}))
    {%- endif -%}
{%- endmacro %}
{% macro spark__reporting_time(timestamp_expression) %}from_utc_timestamp({{ timestamp_expression }}, '{{ var("reporting_timezone") }}'){% endmacro %}

{# Whole seconds of a UTC timestamp since 1970. #}
{% macro unix_seconds(timestamp_expression) %}{{ return(adapter.dispatch('unix_seconds')(timestamp_expression)) }}{% endmacro %}
{% macro default__unix_seconds(timestamp_expression) %}cast(floor(epoch({{ timestamp_expression }})) as bigint){% endmacro %}
{% macro spark__unix_seconds(timestamp_expression) %}unix_timestamp({{ timestamp_expression }}){% endmacro %}

{# Numbers of a window multiplied (*) or added (+) one after the other in its order, so that doubles come out the same to the bit. #}
{% macro running(column, operator, window) %}{{ return(adapter.dispatch('running')(column, operator, window)) }}{% endmacro %}
{% macro default__running(column, operator, window) %}list_reduce(list({{ column }}) over {{ window }}, lambda total, step: total {{ operator }} step){% endmacro %}
{% macro spark__running(column, operator, window) -%}
    aggregate(
        collect_list({{ column }}) over {{ window }}, cast({{ 1 if operator == '*' else 0 }} as double), (total, step) -> total {{ operator }} step
    )
{%- endmacro %}

{# A scalar of a JSON object as text; null where the text is no JSON or lacks the key. #}
{% macro json_text(column, key) %}{{ return(adapter.dispatch('json_text')(column, key)) }}{% endmacro %}
{% macro default__json_text(column, key) %}json_extract_string(try_cast({{ column }} as json), '$.{{ key }}'){% endmacro %}
{% macro spark__json_text(column, key) %}get_json_object({{ column }}, '$.{{ key }}'){% endmacro %}

{# Whole minutes passed from one timestamp to a later one. #}
{% macro minutes_between(first, second) %}{{ return(adapter.dispatch('minutes_between')(first, second)) }}{% endmacro %}
{% macro default__minutes_between(first, second) %}((epoch_us({{ second }}) - epoch_us({{ first }})) // 60000000){% endmacro %}
{% macro spark__minutes_between(first, second) %}((unix_micros({{ second }}) - unix_micros({{ first }})) div 60000000){% endmacro %}

{# One row for each value that a text lists, such as [1, 2] or "TP-8; TP-9": the key columns, and the value without blanks. #}
{% macro listed_values(relation, keys, column, value) %}{{ return(adapter.dispatch('listed_values')(relation, keys, column, value)) }}{% endmacro %}
{% macro default__listed_values(relation, keys, column, value) -%}
    select {{ keys | join(', ') }}, {{ value }}
    from (
        select {{ keys | join(', ') }}, unnest(string_split(translate({{ column }}, ';[]" ', ','), ',')) as {{ value }}
        from {{ relation }}
    ) as listed
    where {{ value }} <> ''
{%- endmacro %}
{% macro spark__listed_values(relation, keys, column, value) -%}
    select {{ keys | join(', ') }}, listed.{{ value }}
    from {{ relation }}
    lateral view explode(split(translate({{ column }}, ';[]" ', ','), ',')) listed as {{ value }}
    where listed.{{ value }} <> ''
{%- endmacro %}

{# One landed record as JSON text, for the quarantine. #}
{% macro record_as_json(alias) %}{{ return(adapter.dispatch('record_as_json')(alias)) }}{% endmacro %}
{% macro default__record_as_json(alias) %}cast(to_json({{ alias }}) as {{ dbt.type_string() }}){% endmacro %}
{% macro spark__record_as_json(alias) %}to_json(struct({{ alias }}.*), map('ignoreNullFields', 'false')){% endmacro %}

{#
    Text such as 2024-01-31, 2024-01-31 10:00:00 or 2024-01-31T10:00:00.5+02:00 to UTC timestamp; a zone written in the text is honoured.
    The engines' own casts agree on what the pattern lets through; years begin with 0001.
#}
{% macro text_as_timestamp(expression) %}{{ return(adapter.dispatch('text_as_timestamp')(expression)) }}{% endmacro %}
{% macro default__text_as_timestamp(expression) -%}
    case
        when {{ expression }} < '0001' or {{ expression }} like '% 24:%' or {{ expression }} like '%  %' then null
        -- What exports have nearly always, without the pattern: it is slower.
        when
            (strlen({{ expression }}) = 10 and {{ expression }} like '____-__-__')
            or (strlen({{ expression }}) = 19 and {{ expression }} like '____-__-__ __:__:__')
            then try_cast({{ expression }} as timestamp)
        when {{ matches(expression, timestamp_pattern()) }} then cast(try_cast({{ expression }} as timestamptz) as timestamp)
    end
{%- endmacro %}
{% macro spark__text_as_timestamp(expression) -%}
    case when {{ expression }} >= '0001' and {{ matches(expression, timestamp_pattern()) }} then try_cast({{ expression }} as timestamp) end
{%- endmacro %}
{% macro timestamp_pattern() -%}
    {%- set zone = 'Z|[+-](0[0-9]|1[0-7])(:?[0-5][0-9])?| [A-Z][A-Za-z]{2,}(/[A-Z][A-Za-z_-]+)*' -%}
    {%- set clock = '([01]?[0-9]|2[0-3]):[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?(' ~ zone ~ ')?)?' -%}
    {{ return('[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]' ~ clock ~ ')?') }}
{%- endmacro %}

{# Calendar units from one date to a later one, both begun: dbt-spark's own counts a month too many from one month-end to a shorter month's. #}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
        datediff({{ second_date }}, {{ first_date }})
    {%- elif datepart == 'month' -%}
        12 * (year({{ second_date }}) - year({{ first_date }})) + month({{ second_date }}) - month({{ first_date }})
    {%- else -%}
        {{ exceptions.raise_compiler_error("datediff by " ~ datepart ~ " is not used in this project") }}
    {%- endif -%}
{%- endmacro %}

{# dbt-spark switches ANSI off for every connection, and a number that overflows would silently be null. On again, before any model runs. #}
{% macro strict_engine() %}
{%- if target.type == 'spark' -%}
    {%- do adapter.config.credentials.server_side_parameters.update({'spark.sql.ansi.enabled': 'true'}) -%}
{%- endif -%}
{% endmacro %}

{# A number of 64 bits from values, for finding equal ones in little memory; engines give different ones, so it must not show in a result. #}
{% macro number_of(values) %}{{ return(adapter.dispatch('number_of')(values)) }}{% endmacro %}
{% macro default__number_of(values) %}hash({{ values }}){% endmacro %}
{% macro spark__number_of(values) %}xxhash64({{ values }}){% endmacro %}

{# A number for the content of many rows in whatever order, for telling whether anything changed; engines give different ones. #}
{% macro content_number(values) %}{{ return(adapter.dispatch('content_number')(values)) }}{% endmacro %}
{% macro default__content_number(values) %}cast(coalesce(sum(hash({{ values }})), 0) % 9223372036854775783 as bigint){% endmacro %}
{% macro spark__content_number(values) -%}
    cast(coalesce(sum(cast(xxhash64({{ values }}) as decimal(20, 0))), 0) % 9223372036854775783 as bigint)
{%- endmacro %}

{# After the `as` of a CTE that several others read: DuckDB would store it first, Spark never does. #}
{% macro streamed() %}{{ return(adapter.dispatch('streamed')()) }}{% endmacro %}
{% macro default__streamed() %}{{ return('not materialized ') }}{% endmacro %}
{% macro spark__streamed() %}{{ return('') }}{% endmacro %}
