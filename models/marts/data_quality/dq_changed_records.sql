-- grain: one record of a dated drop that says something else than its key said before, or that comes later than its own day
-- noqa: disable=LT02
with changed as (
    select * from {{ ref('int_changed_records') }}
),

owners as (
    {%- for system, table_name in enabled_exports() if not is_rolled_up(system, table_name) %}
    {%- set path = account_path(system, table_name) %}
    {%- if path and path | length > 1 %}
    {%- set column, parent, account_column = path %}
    {#- Vendors call it id, the templates and Kantata by the name of what it is the id of. #}
    {%- set parent_id = column if system in ('kantata', 'templates') else 'id' %}
    select
        '{{ system }}' as system,
        '{{ table_name }}' as table_name,
        parents.{{ parent_id }} as owner_id,
        min(parents.{{ account_column }}) as account_id
    from changed
    inner join {{ ref('base_' ~ system ~ '__' ~ parent) }} as parents on changed.owner_id = parents.{{ parent_id }}
    where changed.system = '{{ system }}' and changed.table_name = '{{ table_name }}' and parents._row_status = 'accepted'
    group by parents.{{ parent_id }}

    union all
    {% endif %}
    {%- endfor %}
    select distinct system, table_name, owner_id, owner_id as account_id
    from changed
    where is_owner_account and owner_id is not null
),

final as (
    select
        changed.system,
        changed.table_name,
        changed.record_key,
        case when owners.account_id is not null then concat(changed.system, ':', owners.account_id) end as account_key,
        changed.is_shared,
        changed.file,
        changed.record_number,
        changed.drop_date,
        changed.prior_file,
        changed.prior_record_number
    from changed
    left join owners
        on changed.system = owners.system and changed.table_name = owners.table_name and changed.owner_id = owners.owner_id
)

select * from final
