-- grain: one version of a Zuora subscription
with subscriptions as (
    select * from {{ ref('base_zuora__subscription') }} where _row_status = 'accepted'
),

final as (
    select
        id as subscription_id,
        name as subscription_number,
        original_id as original_subscription_id,
        version,
        is_latest_version,
        previous_subscription_id,
        renewal_of_c as renewal_of_reference,
        account_id,
        lower(replace(status, ' ', '')) as subscription_status,
        upper(term_type) as term_type,
        auto_renew as is_auto_renewed,
        subscription_start_date,
        subscription_end_date,
        term_start_date,
        term_end_date,
        cancelled_date,
        cancel_reason,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from subscriptions
)

select * from final
