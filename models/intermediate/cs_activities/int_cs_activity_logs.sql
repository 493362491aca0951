-- grain: one customer whose activities somebody logs, with the days that the log tells of
with engagements as (
    select * from {{ ref('int_engagements') }} where is_completed
),

records as (
    select * from {{ ref('int_activity_records') }}
),

words as (
    select * from {{ ref('cs_activity_words') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

logged as (
    select
        engagements.system,
        engagements.engagement_date as logged_date,
        case when coalesce(fine.activity_key, broad.activity_key, types.activity_key) is not null then 1 else 0 end as activity_flag
    from engagements
    left join words as fine on engagements.type_words = fine.activity_words
    left join words as broad on engagements.broad_type_words = broad.activity_words
    left join words as types on engagements.engagement_type = types.activity_words

    union all

    select system, activity_date as logged_date, case when activity_key <> 'unknown' then 1 else 0 end as activity_flag
    from records
    where system <> 'templates'
),

-- A system that logs some activities would have logged all: what it lacks was not done. One that logs none tells nothing of them.
logs as (
    select system, min(logged_date) as tracked_from_date, max(logged_date) as tracked_until_date
    from logged
    group by system
    having max(activity_flag) = 1
),

-- The company's own list tells of all customers that it could name, from its first entry on; it has entries now and then only, so it never
-- ends. An account that matches nobody is named by its own system alone.
listed as (
    select min(activity_date) as tracked_from_date
    from records
    where system = 'templates' and activity_key <> 'unknown'
),

spans as (
    select identity.customer_id, logs.tracked_from_date, logs.tracked_until_date
    from identity
    inner join logs on identity.system = logs.system

    union all

    select identity.customer_id, listed.tracked_from_date, clock.as_of_date as tracked_until_date
    from identity
    cross join listed
    cross join clock
    where listed.tracked_from_date is not null and (not identity.is_unmatched or identity.system = 'templates')
),

final as (
    select customer_id, min(tracked_from_date) as tracked_from_date, max(tracked_until_date) as tracked_until_date
    from spans
    group by customer_id
)

select * from final
