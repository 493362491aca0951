-- grain: one project in which services are delivered
with exported as (
    select * from {{ ref('base_templates__service_projects') }} where _row_status = 'accepted'
),

final as (
    select
        project_id,
        account_id,
        opportunity_id,
        offer_id,
        case
            when lower(replace(replace(billing_mode, ' ', '_'), '-', '_')) in ('fixed_fee', 'fixed', 'fixed_price') then 'fixed_fee'
            else 'time_and_materials'
        end as billing_mode,
        fixed_fee_amount,
        budget_hours,
        upper(currency) as currency,
        region,
        coalesce(is_free, false) as is_investment,
        start_date,
        due_date,
        completed_date,
        _created_date as recorded_date
    from exported
)

select * from final
