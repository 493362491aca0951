-- grain: one Zendesk ticket with a reason or a type
{{ config(enabled='zendesk' in var('systems')) }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
),

history as (
    select * from {{ ref('stg_zendesk__ticket_field_history') }}
),

reason_map as (
    select * from {{ ref('int_case_reason_map') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

changes as (
    select
        history.ticket_id,
        history.field_value as contact_reason,
        row_number() over (partition by history.ticket_id order by history.changed_at asc) as change_number,
        row_number() over (partition by history.ticket_id order by history.changed_at desc) as change_from_end
    from history
    cross join clock
    where history.field_name = 'custom_contact_reason' and {{ reporting_date('history.changed_at') }} <= clock.as_of_date
),

recorded as (
    select
        ticket_id,
        max(case when change_number = 1 then contact_reason end) as first_words,
        max(case when change_from_end = 1 then contact_reason end) as final_words
    from changes
    group by ticket_id
),

-- Without a reason the type of the ticket is all that is said: a question, a problem.
words as (
    select
        tickets.ticket_id,
        coalesce(recorded.first_words, tickets.contact_reason, tickets.ticket_type) as first_words,
        coalesce(
            case when recorded.ticket_id is null then tickets.contact_reason else recorded.final_words end,
            tickets.ticket_type
        ) as final_words
    from tickets
    left join recorded on tickets.ticket_id = recorded.ticket_id
),

keyed as (
    select
        ticket_id,
        {{ reason_key('first_words') }} as first_reason_key,
        {{ reason_key('final_words') }} as final_reason_key
    from words
),

final as (
    select
        keyed.ticket_id,
        first_map.case_reason as first_reason,
        final_map.case_reason as final_reason,
        final_map.is_preventable,
        case when final_map.reason_key is null then keyed.final_reason_key end as unmapped_reason_key
    from keyed
    left join reason_map as first_map on keyed.first_reason_key = first_map.reason_key
    left join reason_map as final_map on keyed.final_reason_key = final_map.reason_key
    where keyed.final_reason_key is not null or keyed.first_reason_key is not null
)

select * from final
