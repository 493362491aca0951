-- grain: one call to action
with exported as (
    select * from {{ ref('base_gainsight__call_to_action') }}
),

final as (
    select
        gsid as call_to_action_id,
        company_id,
        lower(entity_type) as entity_type,
        coalesce(type_name, type_id) as type_raw,
        risk_type_gc as risk_type_raw,
        coalesce(reason_name, reason_id) as reason_raw,
        competitor_gc is not null as has_competitor,
        {{ reporting_date('created_date') }} as opened_date,
        coalesce(is_closed, closed_date is not null) as is_closed,
        {{ reporting_date('closed_date') }} as closed_date,
        {{ reporting_date('modified_date') }} as modified_date,
        success_plan_id as plan_id,
        coalesce(status_name, status_id) as status_raw,
        start_date,
        due_date,
        percent_complete,
        success_criteria is not null as has_success_criteria,
        owner_id is not null as has_owner,
        playbook_id is not null as has_resource,
        service_gc is not null as has_service,
        unit_gc as unit,
        baseline_value_gc as baseline_value,
        target_value_gc as target_value,
        current_value_gc as current_value,
        weight_gc as weight,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
