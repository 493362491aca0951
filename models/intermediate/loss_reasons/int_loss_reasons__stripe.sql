-- grain: one cancelled Stripe subscription with a recorded reason
{{ config(enabled='stripe' in var('systems'), materialized='view') }}

with subscriptions as (

    select * from {{ ref('int_subscriptions__stripe') }}

),

final as (

    select
        'stripe:' || subscription_id as loss_reason_id,
        'stripe' as system,
        'stripe:' || customer_id as account_key,
        'stripe:' || subscription_id as contract_key,
        coalesce(cancel_requested_date, service_end_date) as reason_date,
        'billing_cancel' as reason_source,
        cancel_reason_key as reason_key,
        recorded_date
    from subscriptions
    where is_live and is_cancelled and cancel_reason_key is not null

)

select * from final
