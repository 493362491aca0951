-- grain: one account of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with accounts as (

    select * from {{ ref('stg_templates__customers') }}

),

final as (

    select
        'templates:' || account_id as account_key,
        'templates' as system,
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        crm_account_id,
        segment,
        region,
        channel,
        industry,
        country,
        coalesce(is_deleted, false) as is_deleted,
        recorded_date
    from accounts

)

select * from final
