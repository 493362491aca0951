-- grain: the times of one ticket as Zendesk measures them
with ticket_metrics as (
    select * from {{ ref('base_zendesk__ticket_metric') }} where _row_status = 'accepted'
),

final as (
    select
        ticket_id,
        {{ try_cast_as(json_text('reply_time_in_minutes', 'business'), 'bigint') }} as business_reply_minutes,
        {{ try_cast_as(json_text('full_resolution_time_in_minutes', 'business'), 'bigint') }} as business_resolution_minutes,
        replies as reply_count,
        solved_at,
        created_at,
        updated_at,
        _created_date as recorded_date
    from ticket_metrics
)

select * from final
