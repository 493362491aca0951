-- grain: one Jira component of a project
with components as (
    select * from {{ ref('base_jira__component') }} where _row_status = 'accepted'
),

final as (
    select
        id as component_id,
        name as component_name,
        project_id
    from components
)

select * from final
