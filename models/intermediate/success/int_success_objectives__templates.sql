-- grain: one objective of the success_objectives template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with objectives as (

    select * from {{ ref('stg_templates__success_objectives') }}

),

reasons as (

    select * from {{ ref('risk_reason_map') }}

),

final as (

    select
        'templates:' || objectives.objective_id as objective_key,
        'templates' as system,
        'templates:' || objectives.plan_id as plan_key,
        {{ lower_case('objectives.status_raw') }} as status_words,
        objectives.start_date,
        objectives.due_date,
        false as is_closed,
        objectives.closed_date,
        objectives.unit,
        objectives.baseline_value,
        objectives.target_value,
        objectives.weight,
        objectives.has_success_criteria,
        objectives.has_owner,
        objectives.has_resource,
        objectives.has_service,
        case when objectives.reason_raw is not null then coalesce(reasons.risk_reason, 'unknown') end as miss_reason,
        objectives.recorded_date
    from objectives
    left join reasons on {{ lower_case('objectives.reason_raw') }} = reasons.reason_words

)

select * from final
