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

-- What an agent writes and changes at one moment is one touch.
moments as (
    select ticket_id, created_at as touched_at
    from written
    where is_by_agent

    union

    select history.ticket_id, history.changed_at as touched_at
    from history
    inner join users on history.user_id = users.user_id
    cross join clock
    where users.user_role in ('agent', 'admin') and {{ reporting_date('history.changed_at') }} <= clock.as_of_date
),

touches as (
    select ticket_id, cast(count(*) as bigint) as touch_count
    from moments
    group by ticket_id
),

final as (
    select
        of_comments.ticket_id,
        of_comments.first_reply_at,
        of_comments.reply_count,
        of_comments.unknown_author_count > 0 as has_unknown_authors,
        coalesce(touches.touch_count, 0) as touch_count
    from of_comments
    left join touches on of_comments.ticket_id = touches.ticket_id
)

select * from final
