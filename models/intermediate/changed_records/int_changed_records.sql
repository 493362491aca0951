-- grain: one record of a dated drop that says something else than its key said before, or that comes later than its own day
-- noqa: disable=LT02
{#- The stamps that loaders add are left out of the comparison: they change with every load. #}
{%- set names = [] %}
with landed_files as (
    select system, table_name, drop_date
    from {{ source('landing', 'files') }}
    where table_name is not null and {{ is_known_drop('drop_date') }}
),

days as (
    select distinct system, drop_date from landed_files
),

-- A system is exported as a whole: an export without a file on a day had nothing to tell.
drops as (
    select system, drop_date, lag(drop_date) over (partition by system order by drop_date asc nulls first) as drop_before
    from days
),

-- Files without a date count as the first of all.
exports as (
    select
        system,
        table_name,
        min(coalesce(drop_date, date '0001-01-01')) as first_drop,
        max(drop_date) as last_drop
    from landed_files
    group by system, table_name
),

{#- Events are too many to tell one by one, and are kept as sums. #}
{% for system, table_name in enabled_exports() if not is_rolled_up(system, table_name) %}
{%- set export = namespace(key=[], columns=[]) %}
{%- for node in (graph.sources.values() if execute else []) if node.source_name == system and node.name == table_name %}
    {%- set export.key = key_columns(node) %}
    {%- set export.columns = node.columns.values() | rejectattr('name', 'in', ['_fivetran_synced', '_fivetran_deleted']) | list %}
{%- endfor %}
{%- set path = account_path(system, table_name) %}
{%- set name = system ~ '__' ~ table_name %}
{%- do names.append(name) %}
{{ name }} as (
    select
        exports.system,
        exports.table_name,
        concat(
            {%- for column in export.key %}
            {%- set value = 'records.' ~ adapter.quote(column.name) %}
            {%- if column.config.meta.get('personal') %}
            coalesce({{ hashed_key(value) }}, ''){{ ", ' '," if not loop.last }}
            {%- else %}
            coalesce(cast({{ value }} as {{ dbt.type_string() }}), ''){{ ", ' '," if not loop.last }}
            {%- endif %}
            {%- endfor %}
        ) as record_key,
        {% if path %}records.{{ path[0] }}{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as owner_id,
        {{ 'true' if path and path | length == 1 else 'false' }} as is_owner_account,
        {{ 'true' if is_shared_export(table_name) else 'false' }} as is_shared,
        records._file as file,
        records._record as record_number,
        records._drop_date as drop_date,
        records._created_date as created_date,
        records._row_status as row_status,
        {{ dbt.hash(fingerprint(export.columns, 'records')) if execute else "''" }} as content
    from {{ ref('base_' ~ name) }} as records
    cross join exports
    where
        exports.system = '{{ system }}'
        and exports.table_name = '{{ table_name }}'
        and exports.last_drop is not null
        and records._row_status in ('accepted', 'superseded', 'exact_duplicate')
),

{% endfor %}
records as (
    {%- for name in names %}
    {{ 'union all' if not loop.first }}
    select * from {{ name }}
    {%- endfor %}
),

-- What a drop says of a key: its accepted record, else the last of those it has.
sayings as (
    select
        *,
        row_number() over (
            partition by system, table_name, record_key, drop_date
            order by case when row_status = 'accepted' then 0 else 1 end asc, file desc, record_number desc
        ) as choice
    from records
),

compared as (
    select
        *,
        lag(content) over by_drop as prior_content,
        lag(file) over by_drop as prior_file,
        lag(record_number) over by_drop as prior_record_number
    from sayings
    where choice = 1
    window by_drop as (partition by system, table_name, record_key order by drop_date asc nulls first)
),

final as (
    select
        compared.system,
        compared.table_name,
        compared.record_key,
        compared.owner_id,
        compared.is_owner_account,
        compared.is_shared,
        compared.file,
        compared.record_number,
        compared.drop_date,
        compared.prior_file,
        compared.prior_record_number
    from compared
    inner join drops on compared.system = drops.system and compared.drop_date = drops.drop_date
    inner join exports on compared.system = exports.system and compared.table_name = exports.table_name
    where
        compared.drop_date > exports.first_drop
        and (
            compared.prior_content <> compared.content
            -- New, but of a day on which the drop before could have told it; most records do not say their day.
            or (
                compared.prior_content is null
                and coalesce(compared.created_date <= drops.drop_before or drops.drop_before is null, true)
            )
        )
)

select * from final
