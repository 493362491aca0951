-- grain: one line of a quote of Salesforce CPQ that is not deleted
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_salesforce__sbqq_quoteline_c') }} where not is_deleted
),

final as (
    select
        'salesforce:' || quote_line_id as quote_line_key,
        'salesforce' as system,
        'salesforce:' || quote_id as quote_key,
        'salesforce:' || product_id as product_key,
        cast(null as {{ dbt.type_string() }}) as offer_id,
        quantity,
        list_amount,
        net_amount,
        is_custom,
        is_bundle,
        recorded_date
    from exported
)

select * from final
