-- grain: one customer whose engagements a system logs, with the days it tells of
with identity as (
    select * from {{ ref('int_customer_identity') }}
),

logged as (
    select system, engagement_date as logged_date from {{ ref('int_engagements') }} where is_completed
    union all
    select system, {{ reporting_date('created_at') }} as logged_date from {{ ref('int_cases') }}
),

logs as (
    select system, min(logged_date) as tracked_from_date, max(logged_date) as tracked_until_date
    from logged
    group by system
),

-- A customer that a system knows and has nothing logged of was not engaged; of one that no such system knows, it is unknown.
final as (
    select
        identity.customer_id,
        min(logs.tracked_from_date) as tracked_from_date,
        max(logs.tracked_until_date) as tracked_until_date
    from identity
    inner join logs on identity.system = logs.system
    group by identity.customer_id
)

select * from final
