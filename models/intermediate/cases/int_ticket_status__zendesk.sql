-- grain: one Zendesk ticket with a history of its status
{{ config(enabled='zendesk' in var('systems')) }}

with history as (
    select * from {{ ref('stg_zendesk__ticket_field_history') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

changes as (
    select
        history.ticket_id,
        history.changed_at,
        lower(history.field_value) as ticket_status,
        case when lower(history.field_value) in ('solved', 'closed') then 1 else 0 end as solved
    from history
    cross join clock
    where history.field_name = 'status' and {{ reporting_date('history.changed_at') }} <= clock.as_of_date
),

steps as (
    select
        *,
        lag(solved) over (partition by ticket_id order by changed_at asc, solved asc, ticket_status asc) as solved_before,
        row_number() over (partition by ticket_id order by changed_at desc, solved desc, ticket_status desc) as step_from_end
    from changes
),

final as (
    select
        ticket_id,
        max(case when step_from_end = 1 then ticket_status end) as ticket_status,
        -- Closing after the days in which a customer may come back is no solving: the change from unsolved to solved is.
        case
            when max(case when step_from_end = 1 then solved end) = 1
                then max(case when solved = 1 and coalesce(solved_before, 0) = 0 then changed_at end)
        end as solved_at,
        cast(sum(case when solved = 0 and solved_before = 1 then 1 else 0 end) as bigint) as reopen_count
    from steps
    group by ticket_id
)

select * from final
