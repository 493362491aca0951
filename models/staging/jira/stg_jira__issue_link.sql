-- grain: one Jira link between two issues
with issue_links as (
    select * from {{ ref('base_jira__issue_link') }} where _row_status = 'accepted'
),

final as (
    select
        issue_id,
        related_issue_id,
        lower(relationship) as relationship
    from issue_links
)

select * from final
