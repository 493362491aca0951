-- grain: one objective of a success plan
with exported as (

    select * from {{ ref('base_templates__success_objectives') }}

),

final as (

    select
        objective_id,
        plan_id,
        coalesce(status, 'open') as status_raw,
        start_date,
        due_date,
        coalesce(closed_date, updated_date) as closed_date,
        unit,
        baseline_value,
        target_value,
        current_value,
        percent_complete,
        weight,
        coalesce(has_success_criteria, false) as has_success_criteria,
        owner_id is not null as has_owner,
        resource_id is not null as has_resource,
        service_id is not null as has_service,
        reason_raw,
        updated_date,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
