-- grain: one learner
with exported as (
    select * from {{ ref('base_skilljar__user') }} where _row_status = 'accepted'
),

final as (
    select
        id as learner_id,
        email,
        account_id,
        _created_date as recorded_date
    from exported
)

select * from final
