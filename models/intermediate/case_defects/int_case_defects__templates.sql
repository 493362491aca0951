-- grain: one link of a case to a defect
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with links as (
    select * from {{ ref('stg_templates__case_defects') }}
),

final as (
    select
        case_system || ':' || case_id as case_key,
        defect_system || ':' || defect_id as defect_key,
        'templates' as system,
        recorded_date
    from links
)

select * from final
