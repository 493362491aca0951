-- grain: one step of one learner in one course
with exported as (
    select * from {{ ref('base_thought_industries__course_actions') }} where _row_status = 'accepted'
),

final as (
    select
        user_detail_id as learner_id,
        course_sku as course_id,
        type as action_type,
        timestamp as acted_at,
        _created_date as recorded_date
    from exported
)

select * from final
