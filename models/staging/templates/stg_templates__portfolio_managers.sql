-- grain: one manager of service offers from a day on
with exported as (
    select * from {{ ref('base_templates__portfolio_managers') }} where _row_status = 'accepted'
),

final as (
    select
        manager_id,
        valid_from,
        valid_until,
        coalesce(fte, 1) as fte,
        _created_date as recorded_date
    from exported
)

select * from final
