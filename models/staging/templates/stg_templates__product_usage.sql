-- grain: one account and day
with exported as (

    select * from {{ ref('base_templates__product_usage') }}

),

final as (

    select
        account_id,
        usage_date,
        event_count,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
