-- grain: one RavenStack account, product, feature and day with use
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with feature_usage as (
    select * from {{ ref('stg_ravenstack__feature_usage') }}
),

subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }}
),

final as (
    select
        'ravenstack:' || subscriptions.account_id as account_key,
        'ravenstack' as system,
        feature_usage.usage_date,
        -- Who used it is not told.
        cast(null as {{ dbt.type_string() }}) as user_key,
        'ravenstack:' || subscriptions.plan_tier as product_key,
        'ravenstack:' || feature_usage.feature_name as feature_key,
        case when count(feature_usage.usage_count) = count(*) then cast(sum(feature_usage.usage_count) as bigint) end as event_count,
        min(feature_usage.recorded_date) as recorded_date
    from feature_usage
    -- The subscription only tells whose use it is; use dated outside its term is use all the same.
    inner join subscriptions on feature_usage.subscription_id = subscriptions.subscription_id
    -- A row that counts no use is no use; a row without a count is.
    where feature_usage.usage_count > 0 or feature_usage.usage_count is null
    group by subscriptions.account_id, feature_usage.usage_date, subscriptions.plan_tier, feature_usage.feature_name
)

select * from final
