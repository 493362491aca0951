-- grain: one account whose people learn with Skilljar
{{ config(enabled='skilljar' in var('systems'), materialized='view') }}

with users as (
    select * from {{ ref('stg_skilljar__user') }} where account_id is not null
),

final as (
    select
        'skilljar:' || account_id as account_key,
        'skilljar' as system,
        account_id,
        cast(null as {{ dbt.type_string() }}) as account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        -- Learners carry the id that the CRM has of their account.
        account_id as crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        false as is_deleted,
        min(recorded_date) as recorded_date
    from users
    group by account_id
)

select * from final
