-- grain: one module of a curriculum assigned to one rep, of the rep_modules template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__rep_modules') }}
),

final as (
    select
        'templates:' || assignment_id as assignment_key,
        'templates' as system,
        rep_id,
        module,
        topic,
        mode,
        assigned_date,
        due_date,
        completed_date,
        is_required,
        recorded_date
    from exported
)

select * from final
