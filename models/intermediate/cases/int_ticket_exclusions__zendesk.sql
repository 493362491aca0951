-- grain: one Zendesk ticket that is out of scope
{{ config(enabled='zendesk' in var('systems')) }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
),

tags as (
    select * from {{ ref('stg_zendesk__ticket_tag') }}
),

tag_map as (
    select * from {{ ref('case_exclusion_tags') }}
),

merged as (
    {{ listed_values('tickets', ['ticket_id'], 'merged_ticket_ids', 'merged_ticket_id') }}
),

-- The first that fits counts.
reasons as (
    select ticket_id, 'deleted' as exclusion_reason, 1 as precedence
    from tickets
    where is_deleted or ticket_status = 'deleted'

    union all

    select merged_ticket_id as ticket_id, 'merged' as exclusion_reason, 2 as precedence
    from merged
    where merged_ticket_id <> ticket_id

    union all

    select
        tags.ticket_id,
        tag_map.exclusion_reason,
        case tag_map.exclusion_reason when 'merged' then 2 when 'spam' then 3 when 'duplicate' then 4 else 5 end as precedence
    from tags
    inner join tag_map on tags.tag = tag_map.tag

    union all

    select tickets.ticket_id, 'internal' as exclusion_reason, 6 as precedence
    from tickets
    inner join users on tickets.requester_id = users.user_id
    where users.user_role in ('agent', 'admin')
),

ranked as (
    select
        ticket_id,
        exclusion_reason,
        row_number() over (partition by ticket_id order by precedence asc, exclusion_reason asc) as reason_number
    from reasons
),

final as (
    select ranked.ticket_id, ranked.exclusion_reason
    from ranked
    inner join tickets on ranked.ticket_id = tickets.ticket_id
    where ranked.reason_number = 1
)

select * from final
