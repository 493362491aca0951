-- grain: one requirement of the skill_requirements template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with requirements as (
    select * from {{ ref('stg_templates__skill_requirements') }}
),

final as (
    select
        'templates:' || requirement_id as requirement_key,
        'templates' as system,
        product,
        role,
        skill,
        case when skill_type in ('technical', 'business') then skill_type else 'unknown' end as skill_type,
        required_from_date,
        resource_from_date,
        resource_until_date,
        standard_from_date,
        recorded_date
    from requirements
)

select * from final
