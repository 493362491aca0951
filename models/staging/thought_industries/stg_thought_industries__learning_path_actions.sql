-- grain: one step of one learner on a learning path
with exported as (
    select * from {{ ref('base_thought_industries__learning_path_actions') }} where _row_status = 'accepted'
),

final as (
    select
        user_detail_id as learner_id,
        learning_path_sku as path_id,
        milestone_title,
        type as action_type,
        timestamp as acted_at,
        _created_date as recorded_date
    from exported
)

select * from final
