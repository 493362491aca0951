-- grain: one Zendesk vote on an article or another item of the help center
with votes as (
    select * from {{ ref('base_zendesk__vote') }} where _row_status = 'accepted'
),

final as (
    select
        id as vote_id,
        lower(item_type) as item_type,
        item_id,
        value as vote_value,
        created_at,
        _created_date as recorded_date
    from votes
)

select * from final
