-- grain: one Pendo group of features
with feature_groups as (
    select * from {{ ref('base_pendo__group') }} where _row_status = 'accepted'
),

final as (
    select
        id as group_id,
        name as group_name
    from feature_groups
)

select * from final
