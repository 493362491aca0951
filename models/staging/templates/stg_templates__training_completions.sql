-- grain: one training that one user completed or attended
with exported as (
    select * from {{ ref('base_templates__training_completions') }} where _row_status = 'accepted'
),

final as (
    select
        completion_id,
        account_id,
        user_id,
        {{ lower_case('mode') }} as mode,
        completed_date,
        rating,
        _created_date as recorded_date
    from exported
)

select * from final
