{#
    Customers of a system that knows no more of an account than the id the CRM has of it: one row an account that rows of ``relation`` name.
    ``recorded_date`` is SQL over the rows of an account.
#}
{% macro accounts_of_crm_ids(system, relation, recorded_date='cast(null as date)') -%}
    select
        '{{ system }}:' || account_id as account_key,
        '{{ system }}' as system,
        account_id,
        {%- for name in ('account_name', 'parent_account_id', 'merged_into_account_id') %}
        cast(null as {{ dbt.type_string() }}) as {{ name }},
        {%- endfor %}
        account_id as crm_account_id,
        {%- for name in ('segment', 'region', 'channel', 'industry', 'country') %}
        cast(null as {{ dbt.type_string() }}) as {{ name }},
        {%- endfor %}
        false as is_deleted,
        {{ recorded_date }} as recorded_date
    from {{ relation }}
    where account_id is not null
    group by account_id
{%- endmacro %}
