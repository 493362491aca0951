-- grain: one Jira resolution of issues
with resolutions as (
    select * from {{ ref('base_jira__resolution') }} where _row_status = 'accepted'
),

final as (
    select
        id as resolution_id,
        name as resolution_name
    from resolutions
)

select * from final
