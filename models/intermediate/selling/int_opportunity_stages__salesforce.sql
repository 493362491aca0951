-- grain: one state of a Salesforce opportunity
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_salesforce__opportunity_history') }} where not is_deleted and stage_raw is not null
),

final as (
    select
        'salesforce:' || state_id as stage_entry_key,
        'salesforce' as system,
        opportunity_id,
        stage_raw,
        entered_date,
        recorded_date
    from exported
    where opportunity_id is not null and entered_date is not null
)

select * from final
