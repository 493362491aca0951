-- grain: one investment of a customer in a month
with exported as (

    select * from {{ ref('base_templates__customer_investments') }}

),

final as (

    select
        investment_id,
        account_id,
        investment_month as investment_date,
        amount,
        upper(currency) as currency,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
