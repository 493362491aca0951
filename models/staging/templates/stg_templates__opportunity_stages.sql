-- grain: one stage that an opportunity entered
with exported as (
    select * from {{ ref('base_templates__opportunity_stages') }} where _row_status = 'accepted'
),

final as (
    select
        stage_entry_id,
        opportunity_id,
        stage as stage_raw,
        entered_date,
        _created_date as recorded_date
    from exported
)

select * from final
