-- grain: one account, visitor, app, guide, type and day of one file; events that were moved to another day by themselves
with events as (
    select * from {{ ref('base_pendo__guide_event') }} where _row_status = 'accepted'
),

final as (
    select
        account_id,
        visitor_id,
        app_id,
        guide_id,
        type as guide_event_type,
        _created_date as event_date,
        _record_count as event_count,
        _file as file,
        _record as record_number,
        _recorded_date as recorded_date
    from events
)

select * from final
