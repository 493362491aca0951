-- grain: one RavenStack account
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_ravenstack__accounts') }}
),

final as (
    select
        'ravenstack:' || account_id as account_key,
        'ravenstack' as system,
        account_id,
        account_name,
        -- RavenStack knows neither hierarchies nor merges nor a CRM: one account is one customer.
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        cast(null as {{ dbt.type_string() }}) as crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        -- The referral source says who drew attention to the product, not who sold it, so it is no sales channel.
        cast(null as {{ dbt.type_string() }}) as channel,
        industry,
        country,
        false as is_deleted,
        recorded_date
    from accounts
)

select * from final
