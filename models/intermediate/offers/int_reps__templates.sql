-- grain: one sales rep, of the reps template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__reps') }}
),

final as (
    select
        rep_id,
        'templates' as system,
        party,
        is_service_seller,
        region,
        started_date,
        ended_date,
        recorded_date
    from exported
)

select * from final
