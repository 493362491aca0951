-- grain: one logged churn event of a RavenStack account
with churn_events as (
    select * from {{ ref('base_ravenstack__churn_events') }} where _row_status = 'accepted'
),

final as (
    select
        churn_event_id,
        account_id,
        churn_date,
        reason_code,
        refund_amount_usd as refund_amount,
        preceding_upgrade_flag as is_after_upgrade,
        preceding_downgrade_flag as is_after_downgrade,
        is_reactivation,
        feedback_text,
        _created_date as recorded_date
    from churn_events
)

select * from final
