-- grain: one knowledge article linked to a case
with exported as (
    select * from {{ ref('base_templates__case_articles') }} where _row_status = 'accepted'
),

final as (
    select
        lower(case_system) as case_system,
        case_id,
        article_id,
        coalesce(lower(link_type), 'linked') as link_type,
        linked_at,
        article_created_at,
        _created_date as recorded_date
    from exported
)

select * from final
