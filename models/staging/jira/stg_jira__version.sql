-- grain: one Jira release
with versions as (
    select * from {{ ref('base_jira__version') }} where _row_status = 'accepted'
),

final as (
    select
        id as version_id,
        name as version_name,
        project_id,
        release_date,
        released as is_released
    from versions
)

select * from final
