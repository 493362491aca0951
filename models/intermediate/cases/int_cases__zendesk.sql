-- grain: one Zendesk ticket
{{ config(enabled='zendesk' in var('systems')) }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
),

statuses as (
    select * from {{ ref('int_ticket_status__zendesk') }}
),

touches as (
    select * from {{ ref('int_ticket_touches__zendesk') }}
),

reasons as (
    select * from {{ ref('int_ticket_reasons__zendesk') }}
),

exclusions as (
    select * from {{ ref('int_ticket_exclusions__zendesk') }}
),

ratings as (
    select * from {{ ref('int_ticket_ratings__zendesk') }}
),

metrics as (
    select * from {{ ref('stg_zendesk__ticket_metric') }}
),

product_words as (
    select * from {{ ref('int_product_words') }}
),

joined as (
    select
        tickets.*,
        coalesce(tickets.organization_id, users.organization_id) as account_id,
        case
            when coalesce(statuses.ticket_status, tickets.ticket_status) in ('hold', 'on-hold') then 'on_hold'
            else coalesce(statuses.ticket_status, tickets.ticket_status)
        end as known_status,
        -- Without a history the ticket's status and the vendor's own stamp tell.
        case
            when statuses.ticket_id is not null then statuses.solved_at
            when tickets.ticket_status in ('solved', 'closed') then metrics.solved_at
        end as closed_at,
        statuses.reopen_count,
        touches.first_reply_at,
        touches.has_unknown_authors or touches.has_unknown_changes as has_unknown_touches,
        -- Of a ticket without comments only the vendor's own times are known.
        touches.first_reply_at is not null or touches.ticket_id is null as has_reply,
        touches.has_unknown_authors,
        touches.touch_count,
        touches.system_touch_count,
        coalesce(case when not touches.has_unknown_authors then touches.reply_count end, metrics.reply_count) as reply_count,
        metrics.solved_at as measured_solved_at,
        metrics.business_reply_minutes,
        metrics.business_resolution_minutes,
        reasons.first_reason,
        reasons.final_reason,
        reasons.is_preventable,
        reasons.unmapped_reason_key,
        product_words.product_family,
        exclusions.exclusion_reason,
        ratings.is_satisfied,
        ratings.rated_date
    from tickets
    left join users on tickets.requester_id = users.user_id
    left join statuses on tickets.ticket_id = statuses.ticket_id
    left join touches on tickets.ticket_id = touches.ticket_id
    left join reasons on tickets.ticket_id = reasons.ticket_id
    left join exclusions on tickets.ticket_id = exclusions.ticket_id
    left join ratings on tickets.ticket_id = ratings.ticket_id
    left join metrics on tickets.ticket_id = metrics.ticket_id
    left join product_words on {{ lower_case(trimmed('tickets.product_name')) }} = product_words.product_word
),

timed as (
    select
        *,
        {{ minutes_between('created_at', 'first_reply_at') }} as calendar_reply_minutes,
        {{ minutes_between('created_at', 'closed_at') }} as calendar_resolution_minutes,
        -- The vendor measures to the last solving that it knows: it must be the same one.
        case
            when closed_at is not null and (measured_solved_at is null or {{ minutes_between('measured_solved_at', 'closed_at') }} = 0)
                then business_resolution_minutes
        end as measured_resolution_minutes
    from joined
),

final as (
    select
        'zendesk:' || ticket_id as case_key,
        'zendesk' as system,
        ticket_id as case_id,
        'zendesk:' || account_id as account_key,
        created_at,
        closed_at,
        coalesce(known_status in ('solved', 'closed'), false) as is_closed,
        reopen_count,
        first_reply_at,
        case when has_reply then coalesce(business_reply_minutes, calendar_reply_minutes) end as first_reply_minutes,
        case
            when has_reply and business_reply_minutes is not null then 'business'
            when calendar_reply_minutes is not null then 'calendar'
        end as first_reply_basis,
        coalesce(measured_resolution_minutes, calendar_resolution_minutes) as resolution_minutes,
        case
            when measured_resolution_minutes is not null then 'business'
            when calendar_resolution_minutes is not null then 'calendar'
        end as resolution_basis,
        known_status as case_status,
        priority as severity,
        channel,
        first_reason,
        final_reason,
        is_preventable,
        unmapped_reason_key,
        topic,
        product_name,
        product_family,
        release_name,
        cause,
        problem_ticket_id is not null as has_problem,
        exclusion_reason is null as is_in_scope,
        exclusion_reason,
        -- Whoever wrote or changed something and is unknown may have been an agent.
        case when not has_unknown_touches then touch_count end as agent_touch_count,
        case when not has_unknown_touches then system_touch_count end as system_touch_count,
        reply_count,
        case
            when known_status not in ('solved', 'closed') or known_status is null then null
            when touch_count > 0 or reply_count > 0 then false
            when not has_unknown_touches then touch_count = 0
        end as is_automated,
        cast(cast(handle_seconds as double) / 60 as decimal(18, 6)) as handle_minutes,
        'support' as handle_role,
        is_satisfied,
        rated_date,
        case
            when sentiment in ('positive', 'very_positive') then 'positive'
            when sentiment in ('negative', 'very_negative') then 'negative'
            when sentiment = 'neutral' then 'neutral'
        end as sentiment,
        recorded_date
    from timed
)

select * from final
