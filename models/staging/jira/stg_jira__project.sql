-- grain: one Jira project
with projects as (
    select * from {{ ref('base_jira__project') }} where _row_status = 'accepted'
),

final as (
    select
        id as project_id,
        name as project_name,
        key as project_key
    from projects
)

select * from final
