-- grain: the time of a person on one activity of one day
with exported as (
    select * from {{ ref('base_templates__time_entries') }} where _row_status = 'accepted'
),

final as (
    select
        entry_id,
        worked_date,
        person_id,
        lower(role) as role,
        lower(replace(replace(service_line, ' ', '_'), '-', '_')) as service_line,
        lower(replace(replace(activity, '_', ' '), '-', ' ')) as activity,
        minutes as worked_minutes,
        _created_date as recorded_date
    from exported
)

select * from final
