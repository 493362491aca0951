-- grain: one Zendesk user
with users as (
    select * from {{ ref('base_zendesk__user') }} where _row_status = 'accepted'
),

final as (
    select
        id as user_id,
        lower(role) as user_role,
        organization_id,
        created_at,
        updated_at,
        _created_date as recorded_date
    from users
)

select * from final
