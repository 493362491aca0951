-- grain: one Jira type of issues
with issue_types as (
    select * from {{ ref('base_jira__issue_type') }} where _row_status = 'accepted'
),

final as (
    select
        id as issue_type_id,
        name as issue_type_name
    from issue_types
)

select * from final
