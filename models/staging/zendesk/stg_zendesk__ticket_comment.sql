-- grain: one Zendesk comment; the first one is the question
with ticket_comments as (
    select * from {{ ref('base_zendesk__ticket_comment') }} where _row_status = 'accepted'
),

final as (
    select
        id as comment_id,
        ticket_id,
        user_id,
        created as created_at,
        {{ adapter.quote('public') }} as is_public,
        _created_date as recorded_date
    from ticket_comments
)

select * from final
