-- grain: one module of a curriculum assigned to one rep
with exported as (
    select * from {{ ref('base_templates__rep_modules') }} where _row_status = 'accepted'
),

final as (
    select
        assignment_id,
        rep_id,
        module,
        coalesce(lower(replace(replace(topic, ' ', '_'), '-', '_')), 'unknown') as topic,
        coalesce(lower(replace(replace(mode, ' ', '_'), '-', '_')), 'unknown') as mode,
        assigned_date,
        due_date,
        completed_date,
        coalesce(is_required, assigned_date is not null) as is_required,
        _created_date as recorded_date
    from exported
)

select * from final
