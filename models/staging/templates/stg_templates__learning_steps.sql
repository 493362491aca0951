-- grain: one step towards learning
with exported as (
    select * from {{ ref('base_templates__learning_steps') }} where _row_status = 'accepted'
),

final as (
    select
        step_id,
        account_id,
        user_id,
        {{ lower_case('step_type') }} as step_type,
        subject_id,
        step_date,
        due_date,
        _created_date as recorded_date
    from exported
)

select * from final
