-- grain: one RavenStack support ticket
with support_tickets as (
    select * from {{ ref('base_ravenstack__support_tickets') }} where _row_status = 'accepted'
),

final as (
    select
        ticket_id,
        account_id,
        submitted_at,
        closed_at,
        resolution_time_hours as resolution_hours,
        priority,
        first_response_time_minutes as first_response_minutes,
        satisfaction_score,
        escalation_flag as is_escalated,
        _created_date as recorded_date
    from support_tickets
)

select * from final
