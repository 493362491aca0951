-- grain: hours of one person on one project, day and kind of work
with exported as (
    select * from {{ ref('base_kantata__revenue_by_user') }} where _row_status = 'accepted'
),

final as (
    select
        project_id,
        booking_date,
        user_name,
        case
            when lower(category) like '%training%' or lower(category) like '%education%' then 'education'
            else 'professional_services'
        end as service_line,
        category,
        type as booking_type,
        services,
        role,
        region,
        hours,
        fixed_fee as fixed_fee_amount,
        t_m as time_and_materials_amount,
        revenue as revenue_amount,
        _created_date as recorded_date
    from exported
)

select * from final
