-- grain: one Jira status of issues
with statuses as (
    select * from {{ ref('base_jira__status') }} where _row_status = 'accepted'
),

final as (
    select
        id as status_id,
        name as status_name
    from statuses
)

select * from final
