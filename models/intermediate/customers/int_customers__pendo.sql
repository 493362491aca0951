-- grain: one Pendo account
{{ config(enabled='pendo' in var('systems'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_pendo__account_history') }}
),

final as (
    select
        'pendo:' || account_id as account_key,
        'pendo' as system,
        account_id,
        account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        -- A company sends its own id of the account: that of its CRM in a field, or as the account id itself.
        coalesce(crm_account_id, account_id) as crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        false as is_deleted,
        recorded_date
    from accounts
)

select * from final
