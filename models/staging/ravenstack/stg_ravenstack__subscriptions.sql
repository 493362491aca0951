-- grain: one RavenStack subscription
with subscriptions as (
    select * from {{ ref('base_ravenstack__subscriptions') }} where _row_status = 'accepted'
),

final as (
    select
        subscription_id,
        account_id,
        start_date,
        end_date,
        plan_tier,
        seats as seat_count,
        mrr_amount,
        arr_amount,
        coalesce(is_trial, false) as is_trial,
        upgrade_flag as is_upgraded,
        downgrade_flag as is_downgraded,
        coalesce(churn_flag, false) as is_marked_churned,
        billing_frequency,
        auto_renew_flag as is_auto_renewed,
        _created_date as recorded_date
    from subscriptions
)

select * from final
