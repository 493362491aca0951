-- grain: one row of the bookings template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__bookings') }}
),

final as (
    select
        'templates:' || booking_id as booking_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        opportunity_id,
        'templates:' || source_quote_id as source_quote_key,
        booked_date,
        booked_amount,
        currency,
        corrected_date,
        scheduled_date,
        recorded_date
    from exported
)

select * from final
