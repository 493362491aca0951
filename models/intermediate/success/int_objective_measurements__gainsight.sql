-- grain: one objective of Gainsight with a value or a share done
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with calls as (
    select * from {{ ref('stg_gainsight__call_to_action') }}
),

-- Gainsight keeps today's value alone: it counts from the day on which the record was last changed, never before.
final as (
    select
        'gainsight:' || call_to_action_id as measurement_key,
        'gainsight' as system,
        'gainsight:' || call_to_action_id as objective_key,
        modified_date as measured_date,
        current_value as measured_value,
        percent_complete,
        recorded_date
    from calls
    where not is_deleted and entity_type = 'objective' and (current_value is not null or percent_complete is not null)
)

select * from final
