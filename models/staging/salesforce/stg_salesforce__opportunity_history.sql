-- grain: one state of a Salesforce opportunity
with exported as (
    select * from {{ ref('base_salesforce__opportunity_history') }} where _row_status = 'accepted'
),

final as (
    select
        id as state_id,
        opportunity_id,
        stage_name as stage_raw,
        {{ reporting_date('created_date') }} as entered_date,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
)

select * from final
