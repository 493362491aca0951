-- grain: one account, visitor, app, feature and day of one file; events that were moved to another day by themselves
with events as (
    select * from {{ ref('base_pendo__feature_event') }} where _row_status = 'accepted'
),

final as (
    select
        account_id,
        visitor_id,
        app_id,
        feature_id,
        _created_date as usage_date,
        num_events as event_count,
        _record_count as record_count,
        _file as file,
        _record as record_number,
        _recorded_date as recorded_date
    from events
)

select * from final
