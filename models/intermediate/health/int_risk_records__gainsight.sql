-- grain: one call to action of Gainsight that is neither deleted nor an objective
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with calls as (
    select * from {{ ref('stg_gainsight__call_to_action') }}
),

reasons as (
    select * from {{ ref('risk_reason_map') }}
),

final as (
    select
        'gainsight:' || calls.call_to_action_id as risk_key,
        'gainsight' as system,
        'gainsight:' || calls.company_id as account_key,
        case when calls.reason_raw is not null then coalesce(reasons.risk_reason, 'unknown') end as risk_reason,
        calls.has_competitor,
        calls.opened_date,
        calls.closed_date,
        calls.is_closed,
        {{ lower_case('coalesce(calls.risk_type_raw, calls.type_raw)') }} as type_words,
        {{ lower_case('calls.type_raw') }} as broad_type_words,
        calls.recorded_date
    from calls
    left join reasons on {{ lower_case('calls.reason_raw') }} = reasons.reason_words
    -- Objectives are parts of success plans.
    where not calls.is_deleted and coalesce(calls.entity_type, '') <> 'objective'
)

select * from final
