-- grain: one Salesforce account
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with accounts as (

    select * from {{ ref('stg_salesforce__account') }}

),

final as (

    select
        'salesforce:' || account_id as account_key,
        'salesforce' as system,
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        account_id as crm_account_id,
        segment,
        region,
        channel,
        industry,
        billing_country as country,
        is_deleted,
        recorded_date
    from accounts

)

select * from final
