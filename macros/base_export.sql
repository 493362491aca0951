{#
    Every record of one landed export, cast by the contract in its sources YAML, with the verdict on it:
      accepted         the newest version of its key
      superseded       an older version of a key (an earlier drop, or older by newest_by): history
      exact_duplicate  the same content as another record of the same key
      rejected         cannot be cast, lacks its key or a value that must be filled, is out of range, or contradicts another
                       record of the same key and age
      after_as_of      came into being after the as_of_date asked for
    The body is the same for every export and follows from the contract alone, hence one macro and no copies.
#}
{% macro base_export(system, table_name) %}
{%- if execute -%}
{%- set export = namespace(node=none) -%}
{%- for node in graph.sources.values() if node.source_name == system and node.name == table_name -%}
    {%- set export.node = node -%}
{%- endfor -%}
{%- set meta = export.node.config.meta -%}
{%- set columns = export.node.columns.values() | list -%}
{%- set ns = namespace(created=[], changed=[], failures=[], filled=[]) -%}
{%- for column in columns -%}
    {%- set recorded = column.config.meta.get('recorded') -%}
    {%- set as_date = ('cast(' ~ adapter.quote(column.name) ~ ' as date)') if column.data_type == 'date' else reporting_date(adapter.quote(column.name)) -%}
    {%- if recorded == 'created' -%}{%- do ns.created.append(as_date) -%}{%- endif -%}
    {%- if recorded in ('created', 'changed') -%}{%- do ns.changed.append(as_date) -%}{%- endif -%}
    {%- if column.data_type not in ('text', 'json') -%}{%- do ns.failures.append(column) -%}{%- endif -%}
    {%- if column.config.meta.get('required') and (column.name in meta.key or meta.get('required_values')) -%}{%- do ns.filled.append(column) -%}{%- endif -%}
{%- endfor %}
with landed as (

    select
        {%- for column in columns %}
        nullif(trim({{ adapter.quote(column.name) }}), '') as {{ adapter.quote(column.name) }},
        {%- endfor %}
        cast(_file as {{ dbt.type_string() }}) as _file,
        cast(_record as bigint) as _record,
        cast(_drop_date as date) as _drop_date
    from {{ source(system, table_name) }}

),

typed as (

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
        _drop_date
    from landed

),

checked as (

    select
        {%- for column in columns %}
        {{ adapter.quote(column.name) }},
        {%- endfor %}
        nullif(concat(
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
        ), '') as _cast_failure,
        _file,
        _record,
        _drop_date
    from typed

),

dated as (

    select
        *,
        {% if ns.created | length > 1 %}least({{ ns.created | join(', ') }}){% elif ns.created %}{{ ns.created[0] }}{% else %}cast(null as date){% endif %} as _created_date,
        {% if ns.changed | length > 1 %}greatest({{ ns.changed | join(', ') }}){% elif ns.changed %}{{ ns.changed[0] }}{% else %}cast(null as date){% endif %} as _changed_date
    from checked

),

judged as (

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
    from dated

),

repeated_keys as (

    select {{ meta.key | join(', ') }}
    from judged
    where _first_verdict = 'valid'
    group by {{ meta.key | join(', ') }}
    having count(*) > 1

),

repeated as (

    select
        judged._file,
        judged._record,
        row_number() over (
            partition by {% for key in meta.key %}judged.{{ key }}, {% endfor %}{{ fingerprint(columns, 'judged') }}
            order by judged._drop_date desc nulls last, judged._file asc, judged._record asc
        ) as copy_number,
        row_number() over (
            partition by {% for key in meta.key %}judged.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                judged._drop_date desc nulls last,
                {%- for column in meta.get('newest_by', []) %}
                judged.{{ column }} desc nulls last,
                {%- endfor %}
                {{ fingerprint(columns, 'judged') }} asc, judged._file asc, judged._record asc
        ) as version_number,
        rank() over (
            partition by {% for key in meta.key %}judged.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                judged._drop_date desc nulls last
                {%- for column in meta.get('newest_by', []) %},
                judged.{{ column }} desc nulls last
                {%- endfor %}
        ) as age_rank
    from judged
    inner join repeated_keys
        on {% for key in meta.key %}judged.{{ key }} is not distinct from repeated_keys.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
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
        judged._created_date,
        {{ later_of('judged._changed_date', 'judged._drop_date') }} as _recorded_date,
        case
            when judged._first_verdict <> 'valid' then judged._first_verdict
            when repeated.copy_number > 1 then 'exact_duplicate'
            when repeated.version_number > 1 and repeated.age_rank = 1 then 'rejected'
            when repeated.version_number > 1 then 'superseded'
            else 'accepted'
        end as _row_status,
        case
            when judged._first_verdict = 'rejected' then rtrim(judged._cast_failure, '; ')
            when
                judged._first_verdict = 'valid' and repeated.copy_number = 1 and repeated.version_number > 1 and repeated.age_rank = 1
                then 'contradicts another record with the same key {{ meta.key | join(", ") }}'
        end as _reject_reason
    from judged
    left join repeated
        on judged._file = repeated._file and judged._record = repeated._record

)

select * from final
{%- else -%}
select * from {{ source(system, table_name) }}
{%- endif -%}
{% endmacro %}

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
        case
            when translate({{ text }}, '0123456789.+-eE', '') = ''
                then {{ try_cast_as(text, 'decimal(18, 9)' if column.data_type == 'rate' else 'decimal(18, 6)') }}
        end
    {%- elif column.data_type == 'integer' -%}
        case when translate({{ text }}, '0123456789', '') in ('', '+', '-') then {{ try_cast_as(text, 'bigint') }} end
    {%- elif column.data_type == 'date' -%}
        cast({{ text_as_timestamp(text) }} as date)
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
