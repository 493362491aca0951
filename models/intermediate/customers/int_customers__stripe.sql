-- grain: one live Stripe customer
{{ config(enabled='stripe' in var('systems'), materialized='view') }}

with customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

final as (

    select
        'stripe:' || customer_id as account_key,
        'stripe' as system,
        customer_id as account_id,
        company_name as account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        coalesce(nullif(trim(sfdc_account_id), ''), nullif(trim(salesforce_account_id), '')) as crm_account_id,
        segment,
        region,
        channel,
        industry,
        country,
        is_deleted,
        recorded_date
    from customers
    -- Test customers are nobody.
    where is_live

)

select * from final
