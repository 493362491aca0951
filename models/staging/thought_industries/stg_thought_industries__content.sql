-- grain: one item of the catalogue
with exported as (
    select * from {{ ref('base_thought_industries__content') }} where _row_status = 'accepted'
),

final as (
    select
        id as content_id,
        title as content_title,
        {{ lower_case('kind') }} as content_kind,
        status as content_status
    from exported
)

select * from final
