-- grain: one row of the opportunity_stages template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__opportunity_stages') }}
),

final as (
    select
        'templates:' || stage_entry_id as stage_entry_key,
        'templates' as system,
        opportunity_id,
        stage_raw,
        entered_date,
        recorded_date
    from exported
)

select * from final
