-- grain: one item completed by one learner
with exported as (
    select * from {{ ref('base_thought_industries__course_completions') }} where _row_status = 'accepted'
),

final as (
    select
        id as completion_id,
        user_detail_id as learner_id,
        notifiable_id as content_id,
        timestamp as completed_at,
        _created_date as recorded_date
    from exported
)

select * from final
