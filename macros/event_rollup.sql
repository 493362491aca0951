{#
    The base model of an export of events: too many to keep each, so they are judged like all records (see base_export) while they
    stream by, and kept as sums. The contract says which exports: `rollup: {by: [columns], sum: {column: value of an empty one}}`.
    One row is one of
      a sum    all records of a file, day and verdict, and of equal `by` columns if they are accepted; _record_count tells how many
      a record by itself: a rejected one, to be listed, or one whose key occurs on several days (_is_moved)
    So a day can be judged anew from its own records: keys that lie on one day need no other, the rest is kept one by one. A build
    reads the days that something new or vanished touches, and keeps all others; the result is that of a build from nothing.
#}
{% macro rollup_export(export) -%}
{%- set verdicts = rollup_text(export) -%}
{%- set has_kept = has_kept_sums() -%}
{%- set keys = key_columns(export) -%}
with loads as (

    {{ loads(export, verdicts) }}

),

{% if has_kept -%}
kept_files as (

    select _file, _load, sum(_record_count) as record_count
    from {{ this }}
    group by _file, _load

),

{% endif -%}
-- Files of which something is missing here, numbered in their order: a number is cheaper to carry along than a name.
open_loads as (

    select
        loads.file,
        loads.drop_date,
        loads._load,
        row_number() over (order by loads.file asc) as load_number
    from loads
    {%- if has_kept %}
    left join kept_files
        on loads.file = kept_files._file and loads._load = kept_files._load
    where loads.record_count is distinct from kept_files.record_count
    {%- endif %}

),

{% if has_kept -%}
kept_days as (

    select distinct open_loads.load_number, {{ day_or_none('kept._created_date') }} as kept_day
    from {{ this }} as kept
    inner join open_loads
        on kept._file = open_loads.file and kept._load = open_loads._load
    where not kept._is_moved

),

kept_moved as (

    select open_loads.load_number, kept._record
    from {{ this }} as kept
    inner join open_loads
        on kept._file = open_loads.file and kept._load = open_loads._load
    where kept._is_moved

),

{% endif -%}
{{ landed_events(export) }},

{{ first_verdicts(export, streamed()) }},

{{ missing_events(has_kept) }},

-- Numbers of keys that come up more than once. Different keys may share one, and are told apart below.
repeated_numbers as (

    select {{ key_number_of_text(keys) }} as _key_number
    from landed
    group by {{ key_number_of_text(keys) }}
    having count(*) > 1

),

{{ landed_events(export, 'suspect_') }},

{{ first_verdicts(export, streamed(), 'suspect_') }},

{{ missing_events(has_kept, 'suspect_') }},

{{ rollup_verdicts(export) }}
{%- endmacro %}

{# The records of all files of which something is missing; as suspects, only those whose key has a repeated number. #}
{% macro landed_events(export, prefix='') -%}
{{ prefix }}landed as {{ streamed() }}(

    select
        {%- for column in export.columns.values() %}
        {{ landed_text(column) }} as {{ adapter.quote(column.name) }},
        {%- endfor %}
        cast(landed_records._file as {{ dbt.type_string() }}) as _file,
        cast(landed_records._record as bigint) as _record,
        cast(landed_records._drop_date as date) as _drop_date,
        open_loads.load_number as _load
    from {{ source(export.source_name, export.name) }} as landed_records
    inner join open_loads
        on landed_records._file = open_loads.file
    {%- if prefix %}
    inner join repeated_numbers
        on {{ key_number_of_landed(key_columns(export)) }} = repeated_numbers._key_number
    {%- endif %}

)
{%- endmacro %}

{# Judged records without those that are here already. Suspects are few and read twice: an engine may store them. #}
{% macro missing_events(has_kept, prefix='') -%}
{{ prefix }}missing as {{ streamed() if not prefix }}(

    select judged.*
    from {{ prefix }}judged as judged
    {%- if has_kept %}
    where
        (judged._load, {{ day_or_none('judged._created_date') }}) not in (select kept_days.load_number, kept_days.kept_day from kept_days)
        and (judged._load, judged._record) not in (select kept_moved.load_number, kept_moved._record from kept_moved)
    {%- endif %}

)
{%- endmacro %}

{# From judged records to verdicts and sums. #}
{% macro rollup_verdicts(export) -%}
{%- set meta = export.config.meta -%}
{%- set columns = export.columns.values() | list -%}
{%- set keys = key_columns(export) -%}
repeated as (

    select
        suspect_missing._load,
        suspect_missing._record,
        {{ ranks_within_key(export, 'suspect_missing') }},
        min(suspect_missing._created_date) over (partition by {{ key_names(keys, 'suspect_missing') }})
        < max(suspect_missing._created_date) over (partition by {{ key_names(keys, 'suspect_missing') }}) as _is_moved
    from suspect_missing
    where suspect_missing._first_verdict = 'valid'

),

-- A list of numbers and no join: an engine that misjudges sizes would make a table of all events to look the few up in.
alone as {{ streamed() }}(

    select *
    from missing
    where {{ key_number(keys, 'missing') }} not in (select repeated_numbers._key_number from repeated_numbers)

),

decided as {{ streamed() }}(

    select
        {%- for column in columns %}
        alone.{{ adapter.quote(column.name) }},
        {%- endfor %}
        alone._load,
        alone._record,
        {{ later_of('alone._changed_date', 'alone._drop_date') }} as _recorded_date,
        alone._created_date,
        case when alone._first_verdict = 'valid' then 'accepted' else alone._first_verdict end as _row_status,
        {{ cast_failure('alone') }} as _reject_reason,
        false as _is_moved
    from alone

    union all

    select
        {%- for column in columns %}
        suspect_missing.{{ adapter.quote(column.name) }},
        {%- endfor %}
        suspect_missing._load,
        suspect_missing._record,
        {{ later_of('suspect_missing._changed_date', 'suspect_missing._drop_date') }} as _recorded_date,
        suspect_missing._created_date,
        {{ verdict_within_key(export, 'suspect_missing', 'repeated') }},
        coalesce(repeated._is_moved, false) as _is_moved
    from suspect_missing
    left join repeated
        on suspect_missing._load = repeated._load and suspect_missing._record = repeated._record

),

shaped as {{ streamed() }}(

    select
        {%- for column in columns %}
        {%- set name = adapter.quote(column.name) %}
        case
            {%- if column.name in meta.rollup.sum %}
            when _row_status = 'accepted' then coalesce({{ name }}, {{ meta.rollup.sum[column.name] }})
            {%- elif column.name in meta.rollup.by %}
            when _row_status = 'accepted' then {{ name }}
            {%- endif %}
            when _row_status = 'rejected' or _is_moved then {{ name }}
        end as {{ name }},
        {%- endfor %}
        _load,
        case when _row_status = 'rejected' or _is_moved then _record end as _record,
        _created_date,
        _recorded_date,
        _row_status,
        _reject_reason,
        _is_moved
    from decided

),

summed as (

    select
        {%- for column in columns %}
        {%- set name = adapter.quote(column.name) %}
        {%- if column.name in meta.rollup.by %}
        {{ name }},
        {%- elif column.name in meta.rollup.sum %}
        cast(sum({{ name }}) as {{ 'bigint' if column.data_type == 'integer' else 'decimal(28, 9)' }}) as {{ name }},
        {%- else %}
        min({{ name }}) as {{ name }},
        {%- endif %}
        {%- endfor %}
        _load,
        _record,
        _created_date,
        max(_recorded_date) as _recorded_date,
        _row_status,
        min(_reject_reason) as _reject_reason,
        _is_moved,
        count(*) as _record_count
    from shaped
    group by {% for name in meta.rollup.by %}{{ adapter.quote(name) }}, {% endfor %}_load, _record, _created_date, _row_status, _is_moved

),

final as (

    select
        {%- for column in columns %}
        summed.{{ adapter.quote(column.name) }},
        {%- endfor %}
        open_loads.file as _file,
        summed._record,
        open_loads.drop_date as _drop_date,
        open_loads._load,
        summed._created_date,
        summed._recorded_date,
        summed._row_status,
        summed._reject_reason,
        summed._is_moved,
        summed._record_count
    from summed
    inner join open_loads
        on summed._load = open_loads.load_number

)

select * from final
{%- endmacro %}

{# All that decides what becomes of a record; where it lies does not. #}
{% macro rollup_text(export) -%}
{{ return(first_verdicts(export) ~ rollup_verdicts(export)) }}
{%- endmacro %}

{# Whether an earlier build left sums; no when compiling without a database. #}
{% macro has_kept_sums() -%}
{{ return(has_kept_records() and '_record_count' in adapter.get_columns_in_relation(this) | map(attribute='name') | list) }}
{%- endmacro %}

{#
    Before a base model of events adds what is new, it forgets the sums of every day and the records of every moved key that something
    new or vanished touches, so that they are judged anew. Where a key of a new file lies on another day already, the landed
    files tell: their key columns are read, no more.
#}
{% macro forget_touched_days(export) -%}
{%- if not has_kept_sums() -%}
delete from {{ this }}
{%- else -%}
{%- set keys = key_columns(export) -%}
{%- set created = [] -%}
{%- for column in export.columns.values() if column.config.meta.get('recorded') == 'created' -%}{%- do created.append(column) -%}{%- endfor -%}
{%- set day = created[0] -%}
{%- set as_day = ('cast(' ~ cast_text(day) ~ ' as date)') if day.data_type == 'date' else reporting_date(cast_text(day)) -%}
with loads as (
    {{ loads(export, rollup_text(export)) }}
),

kept_files as (
    select distinct _file, _load from {{ this }}
),

new_files as (
    select loads.file
    from loads
    left join kept_files on loads.file = kept_files._file and loads._load = kept_files._load
    where kept_files._file is null
),

gone_files as (
    select kept_files._file, kept_files._load
    from kept_files
    left join loads on kept_files._file = loads.file and kept_files._load = loads._load
    where loads.file is null
),

new_events as (
    select distinct
        {{ key_number_of_text(keys) }} as _key_number,
        {{ as_day }} as _created_date
    from (
        select
            {%- for column in keys + ([day] if day.name not in keys | map(attribute='name') else []) %}
            {{ landed_text(column) }} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ source(export.source_name, export.name) }} as landed_records
        inner join new_files on landed_records._file = new_files.file
    ) as landed
),

new_keys as (
    select distinct _key_number from new_events
),

gone as (
    select kept.rowid as row_number, kept._created_date, kept._is_moved, {{ key_number(keys, 'kept') }} as _key_number
    from {{ this }} as kept
    inner join gone_files on kept._file = gone_files._file and kept._load = gone_files._load
),

touched_moved as (
    select kept.rowid as row_number, kept._created_date
    from {{ this }} as kept
    inner join (
        select _key_number from new_keys
        union
        select _key_number from gone where _is_moved
    ) as touched_keys on {{ key_number(keys, 'kept') }} = touched_keys._key_number
    where kept._is_moved
),

touched_days as (
    select _created_date from new_events
    union
    select _created_date from gone
    union
    select _created_date from touched_moved
    union
    select {{ as_day }} as _created_date
    from (
        select {{ landed_text(day) }} as {{ adapter.quote(day.name) }}
        from {{ source(export.source_name, export.name) }} as landed_records
        -- Without new files nothing is read.
        cross join (select 1 as is_any from new_files limit 1) as any_new
        -- A list and no join, as above. New files are read again with all others: to leave them out costs more.
        where coalesce({{ key_number_of_landed(keys) }} in (select new_keys._key_number from new_keys), false)
    ) as known_events
)

delete from {{ this }} as kept
-- Lists and no joins, as above.
where
    (not kept._is_moved and kept._created_date in (select touched_days._created_date from touched_days))
    or kept.rowid in (select gone.row_number from gone union all select touched_moved.row_number from touched_moved)
{%- endif -%}
{%- endmacro %}

{# Whether the base model of an export keeps sums of its records. #}
{% macro is_rolled_up(system, table_name) -%}
{{ return(execute and exported(system, table_name).config.meta.get('rollup') is not none) }}
{%- endmacro %}

{# How many landed records rows of a base model stand for. #}
{% macro record_count_of(system, table_name) -%}
{{ return('sum(_record_count)' if is_rolled_up(system, table_name) else 'count(*)') }}
{%- endmacro %}

{# Columns of the key of an export. #}
{% macro key_columns(export) -%}
{%- set keys = [] -%}
{%- for name in export.config.meta.key -%}{%- do keys.append(export.columns[name]) -%}{%- endfor -%}
{{ return(keys) }}
{%- endmacro %}

{# A day that may be missing, as a value. #}
{% macro day_or_none(day) -%}
coalesce({{ day }}, date '9999-12-31')
{%- endmacro %}

{# A landed column as text without blanks around it; empty is null. #}
{% macro landed_text(column) -%}
{{ filled_text('landed_records.' ~ adapter.quote(column.name)) }}
{%- endmacro %}

{# The columns of a key, one after the other. #}
{% macro key_names(keys, alias) -%}
{%- for key in keys -%}{{ alias }}.{{ adapter.quote(key.name) }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# A number of a key: equal keys have one number, different keys mostly two. #}
{% macro key_number(keys, alias) -%}
{{ number_of(key_names(keys, alias)) }}
{%- endmacro %}

{# The same of a key in text of the contract's columns, and in landed records themselves. #}
{% macro key_number_of_text(keys) -%}
{%- set values = [] -%}
{%- for key in keys -%}{%- do values.append(cast_text(key)) -%}{%- endfor -%}
{{ number_of(values | join(', ')) }}
{%- endmacro %}

{% macro key_number_of_landed(keys) -%}
{%- set values = [] -%}
{%- for key in keys -%}
{%- do values.append(cast_text(key) | replace(adapter.quote(key.name), landed_text(key))) -%}
{%- endfor -%}
{{ number_of(values | join(', ')) }}
{%- endmacro %}
