-- grain: one version of a Stripe subscription
with subscription_versions as (

    select * from {{ ref('base_stripe__subscription_history') }}

),

final as (

    select
        id as subscription_id,
        customer_id,
        lower(status) as subscription_status,
        created as created_at,
        start_date as started_at,
        current_period_start as current_period_start_at,
        current_period_end as current_period_end_at,
        {{ reporting_date('current_period_start') }} as current_period_start_date,
        {{ reporting_date('current_period_end') }} as current_period_end_date,
        {{ reporting_date('cancel_at') }} as cancel_date,
        coalesce(cancel_at_period_end, false) as is_cancelled_at_period_end,
        {{ reporting_date('canceled_at') }} as cancel_requested_date,
        {{ reporting_date('ended_at') }} as ended_date,
        {{ reporting_date('trial_start') }} as trial_start_date,
        {{ reporting_date('trial_end') }} as trial_end_date,
        pause_collection_behavior,
        {{ reporting_date('pause_collection_resumes_at') }} as pause_resumes_date,
        cancellation_details_reason as cancellation_reason,
        cancellation_details_feedback as cancellation_feedback,
        {{ json_text('metadata', 'cancel_reason') }} as cancel_reason,
        coalesce(livemode, true) as is_live,
        _fivetran_start as valid_from_at,
        _fivetran_end as valid_to_at,
        {{ reporting_date('_fivetran_start') }} as valid_from_date,
        -- The loader writes a day beyond any calendar for the present version.
        case when _fivetran_end < timestamp '2900-01-01 00:00:00' then {{ reporting_date('_fivetran_end') }} end as valid_to_date,
        _fivetran_active as is_active_version,
        _fivetran_synced as synced_at,
        _created_date as recorded_date
    from subscription_versions
    where _row_status = 'accepted'

)

select * from final
