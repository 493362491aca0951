-- grain: one call to action of Gainsight that is an objective and not deleted
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with calls as (
    select * from {{ ref('stg_gainsight__call_to_action') }}
),

reasons as (
    select * from {{ ref('risk_reason_map') }}
),

final as (
    select
        'gainsight:' || calls.call_to_action_id as objective_key,
        'gainsight' as system,
        'gainsight:' || calls.plan_id as plan_key,
        {{ lower_case('calls.status_raw') }} as status_words,
        coalesce(calls.start_date, calls.opened_date) as start_date,
        calls.due_date,
        calls.is_closed,
        coalesce(calls.closed_date, calls.modified_date) as closed_date,
        calls.unit,
        calls.baseline_value,
        calls.target_value,
        calls.weight,
        calls.has_success_criteria,
        calls.has_owner,
        calls.has_resource,
        calls.has_service,
        case when calls.reason_raw is not null then coalesce(reasons.risk_reason, 'unknown') end as miss_reason,
        calls.recorded_date
    from calls
    left join reasons on {{ lower_case('calls.reason_raw') }} = reasons.reason_words
    where not calls.is_deleted and calls.entity_type = 'objective'
)

select * from final
