-- grain: one account with projects in Kantata
{{ config(enabled='kantata' in var('systems'), materialized='view') }}

with projects as (
    select * from {{ ref('stg_kantata__project_details') }} where account_id is not null
),

final as (
    select
        'kantata:' || account_id as account_key,
        'kantata' as system,
        account_id,
        cast(null as {{ dbt.type_string() }}) as account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        -- Projects carry the id that the CRM has of their account.
        account_id as crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        false as is_deleted,
        cast(null as date) as recorded_date
    from projects
    group by account_id
)

select * from final
