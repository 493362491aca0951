-- grain: one Zendesk article of the help center
with articles as (
    select * from {{ ref('base_zendesk__article') }} where _row_status = 'accepted'
),

final as (
    select
        id as article_id,
        created_at,
        updated_at,
        coalesce(draft, false) as is_draft,
        coalesce(outdated, false) as is_outdated,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from articles
)

select * from final
