-- grain: one Gainsight company
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with companies as (
    select * from {{ ref('stg_gainsight__company') }}
),

final as (
    select
        'gainsight:' || company_id as account_key,
        'gainsight' as system,
        company_id as account_id,
        company_name as account_name,
        -- Hierarchies, merges and attributes are the CRM's.
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        is_deleted,
        recorded_date
    from companies
)

select * from final
