-- grain: one booking of a deal
with exported as (
    select * from {{ ref('base_templates__bookings') }} where _row_status = 'accepted'
),

final as (
    select
        booking_id,
        account_id,
        opportunity_id,
        source_quote_id,
        booked_date,
        booked_amount,
        upper(currency) as currency,
        corrected_date,
        scheduled_date,
        _created_date as recorded_date
    from exported
)

select * from final
