-- grain: one Zendesk satisfaction rating of a ticket
with satisfaction_ratings as (
    select * from {{ ref('base_zendesk__satisfaction_rating') }} where _row_status = 'accepted'
),

final as (
    select
        id as rating_id,
        ticket_id,
        lower(score) as score,
        created_at,
        updated_at,
        _created_date as recorded_date
    from satisfaction_ratings
)

select * from final
