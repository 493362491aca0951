-- grain: one Zendesk organization
{{ config(enabled='zendesk' in var('systems'), materialized='view') }}

with organizations as (
    select * from {{ ref('stg_zendesk__organization') }}
),

final as (
    select
        'zendesk:' || organization_id as account_key,
        'zendesk' as system,
        organization_id as account_id,
        organization_name as account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        -- An external id that is none of the CRM's matches no account there.
        coalesce(salesforce_account_id, external_id) as crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        is_deleted,
        recorded_date
    from organizations
)

select * from final
