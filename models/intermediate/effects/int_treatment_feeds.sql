-- grain: one customer, kind of treatment and treatment, with the months in which somebody would have recorded it
with engagements as (
    select * from {{ ref('int_engagements') }} where is_completed
),

types as (
    select * from {{ ref('action_types') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

actions as (
    select * from {{ ref('int_customer_actions') }}
),

completions as (
    select * from {{ ref('int_training_completions') }} where mode <> 'unknown'
),

customers as (
    select distinct customer_id from identity
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- A system that logs some actions of a type would have logged those of every customer it knows, as long as it logs anything at all.
logs as (
    select system, min(engagement_date) as tracked_from_date, max(engagement_date) as tracked_until_date
    from engagements
    group by system
),

logged_types as (
    select distinct engagements.system, types.action_type
    from engagements
    inner join types on engagements.engagement_type = types.action_words
),

-- A list of actions tells of all customers, from its first entry of the type on; it has entries now and then only, so it never ends.
listed as (
    select action_type, min(action_date) as tracked_from_date
    from actions
    group by action_type
),

-- Whoever learnt anything stands in a learning system, whatever customer he is of: a customer that does not stand there learnt nothing.
taught as (
    select mode, min(completed_date) as tracked_from_date
    from completions
    group by mode
),

fed as (
    select
        identity.customer_id,
        'action' as treatment_kind,
        logged_types.action_type as treatment,
        logs.tracked_from_date,
        logs.tracked_until_date
    from identity
    inner join logs on identity.system = logs.system
    inner join logged_types on logs.system = logged_types.system

    union all

    select
        customers.customer_id,
        'action' as treatment_kind,
        listed.action_type as treatment,
        listed.tracked_from_date,
        clock.as_of_date as tracked_until_date
    from customers
    cross join listed
    cross join clock

    union all

    select
        customers.customer_id,
        'proficiency' as treatment_kind,
        taught.mode as treatment,
        taught.tracked_from_date,
        clock.as_of_date as tracked_until_date
    from customers
    cross join taught
    cross join clock
),

each_and_all as (
    select customer_id, treatment_kind, treatment, tracked_from_date, tracked_until_date from fed
    union all
    select customer_id, treatment_kind, 'all' as treatment, tracked_from_date, tracked_until_date from fed
),

spans as (
    select
        customer_id,
        treatment_kind,
        treatment,
        min(tracked_from_date) as tracked_from_date,
        max(tracked_until_date) as tracked_until_date
    from each_and_all
    group by customer_id, treatment_kind, treatment
),

final as (
    select
        customer_id,
        treatment_kind,
        treatment,
        cast(extract(year from tracked_from_date) * 12 + extract(month from tracked_from_date) - 1 as integer) as first_month_number,
        cast(extract(year from tracked_until_date) * 12 + extract(month from tracked_until_date) - 1 as integer) as last_month_number
    from spans
)

select * from final
