-- grain: what one service line cost in one month
with exported as (
    select * from {{ ref('base_templates__service_costs') }} where _row_status = 'accepted'
),

final as (
    select
        cost_id,
        period_month as cost_month,
        lower(replace(replace(service_line, ' ', '_'), '-', '_')) as service_line,
        cost_centre,
        region,
        amount,
        upper(currency) as currency,
        coalesce(is_investment, false) as is_investment,
        _created_date as recorded_date
    from exported
)

select * from final
