-- grain: one Zendesk tag of a ticket
with ticket_tags as (
    select * from {{ ref('base_zendesk__ticket_tag') }} where _row_status = 'accepted'
),

final as (
    select
        ticket_id,
        lower(tag) as tag
    from ticket_tags
)

select * from final
