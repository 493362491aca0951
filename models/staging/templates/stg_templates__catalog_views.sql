-- grain: one look of one rep into the catalogue of services
with exported as (
    select * from {{ ref('base_templates__catalog_views') }} where _row_status = 'accepted'
),

final as (
    select
        view_id,
        rep_id,
        viewed_date,
        _created_date as recorded_date
    from exported
)

select * from final
