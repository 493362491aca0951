-- grain: one customer, service line and day on which it used a service that may move revenue
with qualifying as (
    select * from {{ ref('qualifying_services') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

used as (
    select identity.customer_id, deliveries.service_line, deliveries.delivered_date as used_date
    from {{ ref('int_service_deliveries') }} as deliveries
    inner join identity on deliveries.account_key = identity.account_key
    inner join qualifying on deliveries.service_line = qualifying.service_line and qualifying.service_use = 'delivery'

    union all

    select identity.customer_id, qualifying.service_line, completions.completed_date as used_date
    from {{ ref('int_training_completions') }} as completions
    inner join identity on completions.account_key = identity.account_key
    inner join qualifying on qualifying.service_use = 'training_completion'

    union all

    select engagements.customer_id, qualifying.service_line, engagements.engagement_date as used_date
    from {{ ref('int_distinct_engagements') }} as engagements
    inner join qualifying on engagements.engagement_type = qualifying.service_use
    where engagements.is_two_way
),

final as (
    select distinct customer_id, service_line, used_date
    from used
    where used_date is not null
)

select * from final
