-- grain: one entry of the time_entries template
{{ config(enabled='templates' in var('systems')) }}

with entries as (
    select * from {{ ref('stg_templates__time_entries') }}
),

activities as (
    select * from {{ ref('activity_values') }}
),

final as (
    select
        'templates:' || entries.entry_id as entry_key,
        'templates' as system,
        entries.worked_date,
        {{ hashed_key('entries.person_id') }} as person_key,
        entries.role,
        entries.service_line,
        entries.activity,
        activities.is_high_value,
        entries.worked_minutes,
        entries.recorded_date
    from entries
    left join activities on entries.activity = activities.activity
)

select * from final
