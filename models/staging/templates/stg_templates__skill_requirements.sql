-- grain: one skill that a role needs to work with a product
with exported as (
    select * from {{ ref('base_templates__skill_requirements') }} where _row_status = 'accepted'
),

final as (
    select
        requirement_id,
        product,
        role,
        skill,
        {{ lower_case('skill_type') }} as skill_type,
        required_from as required_from_date,
        resource_from as resource_from_date,
        resource_until as resource_until_date,
        standard_from as standard_from_date,
        _created_date as recorded_date
    from exported
)

select * from final
