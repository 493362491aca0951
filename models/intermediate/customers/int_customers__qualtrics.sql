-- grain: one Salesforce account id that responses of Qualtrics carry along
{{ config(enabled='qualtrics' in var('systems'), materialized='view') }}

with responses as (
    select * from {{ ref('int_survey_responses__qualtrics') }}
),

final as (
    select
        'qualtrics:' || crm_account_id as account_key,
        'qualtrics' as system,
        crm_account_id as account_id,
        cast(null as {{ dbt.type_string() }}) as account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        false as is_deleted,
        min(recorded_date) as recorded_date
    from responses
    where crm_account_id is not null
    group by crm_account_id
)

select * from final
