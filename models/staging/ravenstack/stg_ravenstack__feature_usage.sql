-- grain: one usage id within a subscription
with feature_usage as (
    select * from {{ ref('base_ravenstack__feature_usage') }} where _row_status = 'accepted'
),

final as (
    select
        usage_id,
        subscription_id,
        usage_date,
        feature_name,
        usage_count,
        usage_duration_secs as usage_seconds_count,
        error_count,
        is_beta_feature,
        count(*) over (partition by usage_id) > 1 as is_usage_id_reused,
        _created_date as recorded_date
    from feature_usage
)

select * from final
