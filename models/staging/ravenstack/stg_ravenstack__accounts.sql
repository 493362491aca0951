-- grain: one RavenStack account
with accounts as (
    select * from {{ ref('base_ravenstack__accounts') }} where _row_status = 'accepted'
),

final as (
    select
        account_id,
        account_name,
        industry,
        country,
        signup_date,
        referral_source,
        plan_tier,
        seats as seat_count,
        coalesce(is_trial, false) as is_trial,
        churn_flag as is_marked_churned,
        _created_date as recorded_date
    from accounts
)

select * from final
