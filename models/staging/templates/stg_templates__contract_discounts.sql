-- grain: one discount
with exported as (

    select * from {{ ref('base_templates__contract_discounts') }}

),

final as (

    select
        discount_id,
        account_id,
        contract_id,
        contract_line_id,
        percent_off,
        amount_off,
        upper(currency) as currency,
        invoice_months,
        lower(replace(replace(duration, ' ', '_'), '-', '_')) as duration,
        start_date,
        coalesce(end_date, {{ add_days('last_day', 1) }}) as end_date,
        cast(sequence_number as integer) as sequence_number,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
