{#
    Every record of one landed export, cast by the contract in its sources YAML, with the verdict on it:
      accepted         the newest version of its key
      superseded       an older version of a key (an earlier drop, or older by newest_by): history
      exact_duplicate  the same content as another record of the same key
      rejected         cannot be cast, lacks its key or a value that must be filled, is out of range, or contradicts another
                       record of the same key and age
      after_as_of      came into being after the as_of_date asked for
    The body is the same for every export and follows from the contract alone, hence one macro and no copies.
    A build reads what is new or has changed since the last one and keeps the rest; the result is that of a build from nothing.
    Events are kept as sums by day where the contract says so: see event_rollup.sql.
#}
{% macro base_export(system, table_name) %}
{%- if execute -%}
{%- set export = exported(system, table_name) -%}
{%- if export.config.meta.get('rollup') -%}
{{ return(rollup_export(export)) }}
{%- endif -%}
{%- set verdicts = base_verdicts(export) -%}
with loads as (

    {{ loads(export, verdicts) }}

),

{% if has_kept_records() -%}
kept as (

    select _file, _load, count(*) as record_count
    from {{ this }}
    group by _file, _load

),

{% endif -%}
landed as (

    select
        {%- for column in export.columns.values() %}
        {{ filled_text('landed_records.' ~ adapter.quote(column.name)) }} as {{ adapter.quote(column.name) }},
        {%- endfor %}
        cast(landed_records._file as {{ dbt.type_string() }}) as _file,
        cast(landed_records._record as bigint) as _record,
        cast(landed_records._drop_date as date) as _drop_date,
        loads._load
    from {{ source(system, table_name) }} as landed_records
    inner join loads
        on landed_records._file = loads.file
    {%- if has_kept_records() %}
    -- Files of which every record is here already are not read again.
    left join kept
        on loads.file = kept._file and loads._load = kept._load
    left join {{ this }} as kept_records
        on
            landed_records._file = kept_records._file
            and landed_records._record = kept_records._record
            and loads._load = kept_records._load
    where
        loads.record_count is distinct from kept.record_count
        and kept_records._record is null
    {%- endif %}

),

{{ verdicts }}
{%- else -%}
select * from {{ source(system, table_name) }}, {{ source('landing', 'files') }}
{%- endif -%}
{% endmacro %}

{# The contract of an export, as dbt has it. #}
{% macro exported(system, table_name) -%}
{%- for node in graph.sources.values() if node.source_name == system and node.name == table_name -%}
    {{ return(node) }}
{%- endfor -%}
{%- endmacro %}

{# The files of an export, each told by its content and by the SQL that reads it: where either changes, it is read again. #}
{% macro loads(export, verdicts) -%}
    select
        file,
        record_count,
        drop_date,
        concat('{{ local_md5(verdicts) }}:', content_hash) as _load
    from {{ source('landing', 'files') }}
    where system = '{{ export.source_name }}' and table_name = '{{ export.name }}'
{%- endmacro %}

{# Whether an earlier build left records that need not be read again; no when compiling without a database. #}
{% macro has_kept_records() -%}
{{ return(flags.INTROSPECT and is_incremental() and '_load' in adapter.get_columns_in_relation(this) | map(attribute='name') | list) }}
{%- endmacro %}

{#
    Before a base model adds what is new, it forgets every record of a key that something new or vanished touches, so that the
    verdict on all records of the key is given anew. A table of another making is forgotten as a whole.
#}
{% macro forget_touched_keys() -%}
{%- if execute and is_incremental() -%}
{%- if not has_kept_records() -%}
delete from {{ this }}
{{ forgotten_for_good() }}
{%- else -%}
{%- set names = this.identifier.removeprefix('base_').split('__') -%}
{%- set export = exported(names[0], names[1]) -%}
{%- if export.config.meta.get('rollup') -%}
{{ return(forget_touched_days(export) ~ '\n' ~ forgotten_for_good()) }}
{%- endif -%}
{%- set keys = export.columns.values() | selectattr('name', 'in', export.config.meta.key) | list -%}
delete from {{ this }} as records
using (
    with loads as (
        {{ loads(export, base_verdicts(export)) }}
    ),

    kept as (
        select distinct _file, _load from {{ this }}
    ),

    new_keys as (
        select
            {%- for key in keys %}
            {{ filled_text('landed_records.' ~ adapter.quote(key.name)) }} as {{ adapter.quote(key.name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ source(export.source_name, export.name) }} as landed_records
        inner join loads on landed_records._file = loads.file
        left join kept on loads.file = kept._file and loads._load = kept._load
        where kept._file is null
    )

    select {% for key in keys %}{{ cast_text(key) }} as {{ adapter.quote(key.name) }}{{ ', ' if not loop.last }}{% endfor %}
    from new_keys
    union
    select {% for key in keys %}gone.{{ adapter.quote(key.name) }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ this }} as gone
    left join loads on gone._file = loads.file and gone._load = loads._load
    where loads.file is null
) as touched
where {% for key in keys %}records.{{ adapter.quote(key.name) }} is not distinct from touched.{{ adapter.quote(key.name) }}{{ ' and ' if not loop.last }}{% endfor %}
{{ forgotten_for_good() }}
{%- endif -%}
{%- endif -%}
{%- endmacro %}

{#
    Ends a deletion before rows are added: DuckDB cannot change the columns of a table in a transaction that has deleted from it, and a
    contract that got a column changes them. A build that is killed in between leaves rows missing, which the next one adds.
#}
{% macro forgotten_for_good() -%}
; commit; begin transaction
{%- endmacro %}

{#
    From landed text to values and a first verdict, in CTEs of which the first reads `landed` and the last is `judged`, both with the
    prefix. `streamed` keeps DuckDB from storing what more than one CTE reads.
#}
{% macro first_verdicts(export, streamed='', prefix='') -%}
{%- set meta = export.config.meta -%}
{%- set columns = export.columns.values() | list -%}
{%- set ns = namespace(created=[], changed=[], failures=[], filled=[]) -%}
{%- for column in columns -%}
    {%- set recorded = column.config.meta.get('recorded') -%}
    {%- set as_date = ('cast(' ~ adapter.quote(column.name) ~ ' as date)') if column.data_type == 'date' else reporting_date(adapter.quote(column.name)) -%}
    {%- if recorded == 'created' -%}{%- do ns.created.append(as_date) -%}{%- endif -%}
    {%- if recorded in ('created', 'changed') -%}{%- do ns.changed.append(as_date) -%}{%- endif -%}
    {%- if column.data_type not in ('text', 'json') -%}{%- do ns.failures.append(column) -%}{%- endif -%}
    {%- if column.config.meta.get('required') and (column.name in meta.key or meta.get('required_values')) -%}{%- do ns.filled.append(column) -%}{%- endif -%}
{%- endfor -%}
{{ prefix }}typed as {{ streamed }}(

    select
        {%- for column in columns %}
        {{ cast_text(column) }} as {{ adapter.quote(column.name) }},
        {%- endfor %}
        -- The text beside the value: where only the text is there, it is not of the column's type.
        {%- for column in ns.failures %}
        {{ adapter.quote(column.name) }} as _text_{{ column.name }},
        {%- endfor %}
        _file,
        _record,
        _drop_date,
        _load
    from {{ prefix }}landed

),

{{ prefix }}checked as {{ streamed }}(

    select
        {%- for column in columns %}
        {{ adapter.quote(column.name) }},
        {%- endfor %}
        -- Words only where something is wrong: conditions are cheaper than texts.
        case
            when
                {%- for column in ns.filled %}
                {{ '_text_' ~ column.name if column in ns.failures else adapter.quote(column.name) }} is null or
                {%- endfor %}
                {%- for column in ns.failures %}
                (_text_{{ column.name }} is not null and {{ adapter.quote(column.name) }} is null) or
                {%- if column.data_type in ('decimal', 'integer', 'rate') %}
                {%- set range = value_range(column) %}
                {{ adapter.quote(column.name) }} < {{ range[0] }} or {{ adapter.quote(column.name) }} > {{ range[1] }} or
                {%- endif %}
                {%- endfor %}
                false
                then concat(
                    {%- for column in ns.filled %}
                    case
                        when {{ '_text_' ~ column.name if column in ns.failures else adapter.quote(column.name) }} is null
                            then '{{ 'key ' if column.name in meta.key }}{{ column.name }} is empty; '
                        else ''
                    end,
                    {%- endfor %}
                    {%- for column in ns.failures %}
                    case
                        when _text_{{ column.name }} is not null and {{ adapter.quote(column.name) }} is null then '{{ column.name }} is no {{ column.data_type }}; '
                        {%- if column.data_type in ('decimal', 'integer', 'rate') %}
                        {%- set range = value_range(column) %}
                        when {{ adapter.quote(column.name) }} < {{ range[0] }} or {{ adapter.quote(column.name) }} > {{ range[1] }}
                            then '{{ column.name }} is not between {{ range[0] }} and {{ range[1] }}; '
                        {%- endif %}
                        else ''
                    end,
                    {%- endfor %}
                    ''
                )
        end as _cast_failure,
        _file,
        _record,
        _drop_date,
        _load
    from {{ prefix }}typed

),

{{ prefix }}dated as {{ streamed }}(

    select
        *,
        {% if ns.created | length > 1 %}least({{ ns.created | join(', ') }}){% elif ns.created %}{{ ns.created[0] }}{% else %}cast(null as date){% endif %} as _created_date,
        {% if ns.changed | length > 1 %}greatest({{ ns.changed | join(', ') }}){% elif ns.changed %}{{ ns.changed[0] }}{% else %}cast(null as date){% endif %} as _changed_date
    from {{ prefix }}checked

),

{{ prefix }}judged as {{ streamed }}(

    select
        *,
        case
            {%- if var('as_of_date') %}
            -- First of all: what came later is unknown then, its defects included.
            when _created_date > date '{{ var("as_of_date") }}' or not {{ is_known_drop('_drop_date') }} then 'after_as_of'
            {%- endif %}
            when _cast_failure is not null then 'rejected'
            else 'valid'
        end as _first_verdict
    from {{ prefix }}dated

)
{%- endmacro %}

{# From landed text to values and verdicts. #}
{% macro base_verdicts(export) -%}
{%- set columns = export.columns.values() | list -%}
{%- set keys = quoted_key(export) -%}
{{ first_verdicts(export) }},

repeated_keys as (

    select {{ keys | join(', ') }}
    from judged
    where _first_verdict = 'valid'
    group by {{ keys | join(', ') }}
    having count(*) > 1

),

repeated as (

    select
        judged._file,
        judged._record,
        {{ ranks_within_key(export, 'judged') }}
    from judged
    inner join repeated_keys
        on {% for key in keys %}judged.{{ key }} is not distinct from repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where judged._first_verdict = 'valid'

),

final as (

    select
        {%- for column in columns %}
        judged.{{ adapter.quote(column.name) }},
        {%- endfor %}
        judged._file,
        judged._record,
        judged._drop_date,
        judged._load,
        judged._created_date,
        {{ later_of('judged._changed_date', 'judged._drop_date') }} as _recorded_date,
        {{ verdict_within_key(export, 'judged', 'repeated') }}
    from judged
    left join repeated
        on judged._file = repeated._file and judged._record = repeated._record

)

select * from final
{%- endmacro %}

{# The columns of an export's key, quoted: vendors use words that an engine reserves. #}
{% macro quoted_key(export) -%}
{%- set keys = [] -%}
{%- for key in export.config.meta.key -%}{%- do keys.append(adapter.quote(key)) -%}{%- endfor -%}
{{ return(keys) }}
{%- endmacro %}

{# The place of a valid record among those of its key: as a copy of another, as a version, and by age alone. #}
{% macro ranks_within_key(export, alias) -%}
{%- set meta = export.config.meta -%}
{%- set columns = export.columns.values() | list -%}
{%- set keys = quoted_key(export) -%}
row_number() over (
            partition by {% for key in keys %}{{ alias }}.{{ key }}, {% endfor %}{{ fingerprint(columns, alias) }}
            order by {{ alias }}._drop_date desc nulls last, {{ alias }}._file asc, {{ alias }}._record asc
        ) as copy_number,
        row_number() over (
            partition by {% for key in keys %}{{ alias }}.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                {{ alias }}._drop_date desc nulls last,
                {%- for column in meta.get('newest_by', []) %}
                {{ alias }}.{{ column }} desc nulls last,
                {%- endfor %}
                {{ fingerprint(columns, alias) }} asc, {{ alias }}._file asc, {{ alias }}._record asc
        ) as version_number,
        rank() over (
            partition by {% for key in keys %}{{ alias }}.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                {{ alias }}._drop_date desc nulls last
                {%- for column in meta.get('newest_by', []) %},
                {{ alias }}.{{ column }} desc nulls last
                {%- endfor %}
        ) as age_rank
{%- endmacro %}

{# The verdict on a record, given its place among those of its key; null places for a record that is alone. #}
{% macro verdict_within_key(export, alias, places) -%}
case
            when {{ alias }}._first_verdict <> 'valid' then {{ alias }}._first_verdict
            when {{ places }}.copy_number > 1 then 'exact_duplicate'
            when {{ places }}.version_number > 1 and {{ places }}.age_rank = 1 then 'rejected'
            when {{ places }}.version_number > 1 then 'superseded'
            else 'accepted'
        end as _row_status,
        case
            when {{ alias }}._first_verdict = 'rejected' then {{ cast_failure(alias) }}
            when
                {{ alias }}._first_verdict = 'valid' and {{ places }}.copy_number = 1 and {{ places }}.version_number > 1 and {{ places }}.age_rank = 1
                then 'contradicts another record with the same key {{ export.config.meta.key | join(", ") }}'
        end as _reject_reason
{%- endmacro %}

{# Why a record could not be cast; null where it could. #}
{% macro cast_failure(alias) -%}
case when {{ alias }}._first_verdict = 'rejected' then substr({{ alias }}._cast_failure, 1, length({{ alias }}._cast_failure) - 2) end
{%- endmacro %}

{# Whether a drop is known on the as_of_date asked for; files without a date always are. #}
{% macro is_known_drop(drop_date) -%}
    {%- if var('as_of_date') -%}
        (coalesce({{ drop_date }}, date '{{ var("as_of_date") }}') <= date '{{ var("as_of_date") }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# All contract columns of a record as one text: equal texts are equal records. A text says its length, so that none can pass for two. #}
{% macro fingerprint(columns, alias) -%}
    concat(
        {%- for column in columns %}
        {%- set value = alias ~ '.' ~ adapter.quote(column.name) %}
        {%- if column.data_type in ('text', 'json') %}
        case when {{ value }} is null then '~' else concat(cast(length({{ value }}) as {{ dbt.type_string() }}), ':', {{ value }}) end, '|'
        {%- else %}
        coalesce(cast({{ value }} as {{ dbt.type_string() }}), '~'), '|'
        {%- endif %}
        {{- ', ' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# The smallest and the largest number that a column may hold: its own range, else a size that no sum runs over with. #}
{% macro value_range(column) -%}
    {#- Whole numbers may be amounts in hundredths. -#}
    {%- set limit = var('max_amount') * (10 if column.data_type == 'integer' else 1) -%}
    {{ return(column.config.meta.get('range', [-limit, limit])) }}
{%- endmacro %}

{# Text of a contract column as its type; null where it is not of that type. What only one engine would read is no value. #}
{% macro cast_text(column) -%}
    {%- set text = adapter.quote(column.name) -%}
    {%- if column.data_type == 'boolean' -%}
        case
            when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
            when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- elif column.data_type in ('decimal', 'rate') -%}
        {#- With an exponent, digits that all engines keep while they read it. -#}
        {%- set places = 9 if column.data_type == 'rate' else 6 -%}
        {%- set scientific = '[+-]?[0-9]{0,' ~ (18 - places) ~ '}([.][0-9]{0,18})?[eE][+-]?[0-9]+' -%}
        case
            when translate({{ text }}, '0123456789.+-', '') = '' or {{ matches(text, scientific) }}
                then {{ try_cast_as(text, 'decimal(18, ' ~ places ~ ')') }}
        end
    {%- elif column.data_type == 'integer' -%}
        case when translate({{ text }}, '0123456789', '') in ('', '+', '-') then {{ try_cast_as(text, 'bigint') }} end
    {%- elif column.data_type == 'date' -%}
        {%- if column.config.meta.get('date_format') == 'MM/DD/YYYY' -%}
            {%- set text = "case when " ~ text ~ " like '%/%/%' then concat("
                ~ dbt.split_part(text, "'/'", 3) ~ ", '-', " ~ dbt.split_part(text, "'/'", 1) ~ ", '-', " ~ dbt.split_part(text, "'/'", 2)
                ~ ") else " ~ text ~ " end" -%}
            cast({{ text_as_timestamp('(' ~ text ~ ')') }} as date)
        {%- else -%}
            cast({{ text_as_timestamp(text) }} as date)
        {%- endif -%}
    {%- elif column.data_type == 'timestamp' -%}
        {{ text_as_timestamp(text) }}
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}

{# The later of two nullable dates; null only where both are. #}
{% macro later_of(first, second) -%}
    case
        when {{ first }} is null then {{ second }}
        when {{ second }} is null or {{ first }} >= {{ second }} then {{ first }}
        else {{ second }}
    end
{%- endmacro %}

{# The earliest of nullable dates; null only where all are. Literal 'null's are dropped. #}
{% macro earliest_of(expressions) -%}
    {%- set dates = expressions | reject('equalto', 'null') | list -%}
    {%- if dates | length == 1 -%}
        {{ dates[0] }}
    {%- else -%}
        nullif(least(
            {%- for expression in dates %}
            coalesce({{ expression }}, date '9999-12-31'){{ ',' if not loop.last }}
            {%- endfor %}
        ), date '9999-12-31')
    {%- endif -%}
{%- endmacro %}
