-- grain: one root cause with the day of its fix
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__cause_fixes') }}
),

final as (
    select
        'templates:' || cause as cause_key,
        'templates' as system,
        cause,
        fixed_date,
        recorded_date
    from exported
)

select * from final
