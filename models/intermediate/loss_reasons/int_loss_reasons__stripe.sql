-- grain: one cancelled Stripe subscription with a recorded reason
{{ config(enabled='stripe' in var('systems'), materialized='view') }}

with subscriptions as (

    select * from {{ ref('int_subscriptions__stripe') }}

),

reasoned as (

    select
        *,
        -- The company's own words first. cancellation_requested says who ended it, not why.
        coalesce(
            nullif(trim(cancel_reason), ''),
            cancellation_feedback,
            nullif(cancellation_reason, 'cancellation_requested')
        ) as reason_raw
    from subscriptions
    where is_live and is_cancelled

),

final as (

    select
        'stripe:' || subscription_id as loss_reason_id,
        'stripe' as system,
        'stripe:' || customer_id as account_key,
        'stripe:' || subscription_id as contract_key,
        coalesce(cancel_requested_date, service_end_date) as reason_date,
        'billing_cancel' as reason_source,
        reason_raw,
        recorded_date
    from reasoned
    where reason_raw is not null

)

select * from final
