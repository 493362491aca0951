-- grain: one project of Kantata with its budget
with exported as (
    select * from {{ ref('base_kantata__project_budget') }} where _row_status = 'accepted'
),

final as (
    select
        project_id,
        case when lower(project_billing_mode_default) like '%fixed%' then 'fixed_fee' else 'time_and_materials' end as billing_mode,
        date_project_start as start_date,
        date_project_due as due_date,
        date_project_completed as completed_date
    from exported
)

select * from final
