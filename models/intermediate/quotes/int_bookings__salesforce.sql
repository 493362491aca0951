-- grain: one activated order of Salesforce
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_salesforce__order') }} where not is_deleted and booking_date is not null
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunity') }}
),

final as (
    select
        'salesforce:' || exported.order_id as booking_key,
        'salesforce' as system,
        'salesforce:' || exported.account_id as account_key,
        exported.opportunity_id,
        'salesforce:' || exported.quote_id as source_quote_key,
        exported.booking_date as booked_date,
        exported.total_amount as booked_amount,
        opportunities.currency,
        cast(null as date) as corrected_date,
        cast(null as date) as scheduled_date,
        exported.recorded_date
    from exported
    left join opportunities on exported.opportunity_id = opportunities.opportunity_id
)

select * from final
