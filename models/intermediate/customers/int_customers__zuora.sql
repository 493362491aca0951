-- grain: one Zuora account
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_zuora__account') }}
),

final as (
    select
        'zuora:' || account_id as account_key,
        'zuora' as system,
        account_id,
        account_name,
        parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        crm_account_id,
        segment,
        region,
        channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        is_deleted,
        recorded_date
    from accounts
)

select * from final
