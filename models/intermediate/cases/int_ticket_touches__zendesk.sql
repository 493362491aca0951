-- grain: one Zendesk ticket with comments
{{ config(enabled='zendesk' in var('systems')) }}

with comments as (
    select * from {{ ref('stg_zendesk__ticket_comment') }}
),

history as (
    select * from {{ ref('stg_zendesk__ticket_field_history') }}
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

known_comments as (
    select
        comments.*,
        row_number() over (
            partition by comments.ticket_id
            order by comments.created_at asc nulls last, comments.comment_id asc
        ) as comment_number
    from comments
    cross join clock
    where comments.recorded_date is null or comments.recorded_date <= clock.as_of_date
),

written as (
    select
        known_comments.ticket_id,
        known_comments.created_at,
        known_comments.is_public,
        -- The first comment is the question, whoever typed it in.
        known_comments.comment_number > 1 as is_answer,
        coalesce(users.user_role in ('agent', 'admin'), false) as is_by_agent,
        coalesce(known_comments.user_id = '-1', false) as is_by_system,
        -- The system (-1) is no person; of a user that the export of users lacks nobody knows what it is.
        users.user_role is null and coalesce(known_comments.user_id, '-1') <> '-1' as is_by_unknown
    from known_comments
    left join users on known_comments.user_id = users.user_id
),

of_comments as (
    select
        ticket_id,
        min(case when is_public and is_answer and is_by_agent then created_at end) as first_reply_at,
        cast(sum(case when is_public and is_answer and is_by_agent then 1 else 0 end) as bigint) as reply_count,
        cast(sum(case when is_by_unknown then 1 else 0 end) as bigint) as unknown_author_count
    from written
    group by ticket_id
),

changes as (
    select
        history.ticket_id,
        history.changed_at,
        coalesce(users.user_role in ('agent', 'admin'), false) as is_by_agent,
        coalesce(history.user_id = '-1', false) as is_by_system,
        -- Who made a change that names nobody is as unknown as who wrote what a user that the export lacks wrote.
        users.user_role is null and coalesce(history.user_id, '') <> '-1' as is_by_unknown
    from history
    left join users on history.user_id = users.user_id
    cross join clock
    where {{ reporting_date('history.changed_at') }} <= clock.as_of_date
),

of_changes as (
    select ticket_id, cast(sum(case when is_by_unknown then 1 else 0 end) as bigint) as unknown_change_count
    from changes
    group by ticket_id
),

-- What an agent, or the system, writes and changes at one moment is one touch.
moments as (
    select ticket_id, created_at as touched_at, is_by_system
    from written
    where is_by_agent or is_by_system

    union

    select ticket_id, changed_at as touched_at, is_by_system
    from changes
    where is_by_agent or is_by_system
),

touches as (
    select
        ticket_id,
        cast(sum(case when is_by_system then 0 else 1 end) as bigint) as touch_count,
        cast(sum(case when is_by_system then 1 else 0 end) as bigint) as system_touch_count
    from moments
    group by ticket_id
),

final as (
    select
        of_comments.ticket_id,
        of_comments.first_reply_at,
        of_comments.reply_count,
        of_comments.unknown_author_count > 0 as has_unknown_authors,
        coalesce(of_changes.unknown_change_count, 0) > 0 as has_unknown_changes,
        coalesce(touches.touch_count, 0) as touch_count,
        coalesce(touches.system_touch_count, 0) as system_touch_count
    from of_comments
    left join touches on of_comments.ticket_id = touches.ticket_id
    left join of_changes on of_comments.ticket_id = of_changes.ticket_id
)

select * from final
