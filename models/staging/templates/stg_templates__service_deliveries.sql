-- grain: one delivery of a service on a day
with exported as (
    select * from {{ ref('base_templates__service_deliveries') }} where _row_status = 'accepted'
),

final as (
    select
        delivery_id,
        account_id,
        delivered_date,
        project_id,
        coalesce(lower(replace(replace(service_line, ' ', '_'), '-', '_')), 'professional_services') as service_line,
        product_id,
        offer_id,
        hours,
        hourly_rate,
        amount,
        upper(currency) as currency,
        _created_date as recorded_date
    from exported
)

select * from final
