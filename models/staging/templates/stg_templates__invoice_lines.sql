-- grain: one line of a posted invoice or credit note
with exported as (

    select * from {{ ref('base_templates__invoice_lines') }}

),

final as (

    select
        invoice_line_id,
        account_id,
        invoice_id,
        invoice_date,
        contract_id,
        product_id,
        lower(replace(replace(charge_type, ' ', '_'), '-', '_')) as charge_type,
        lower(replace(replace(licence_model, ' ', '_'), '-', '_')) as licence_model,
        amount,
        upper(currency) as currency,
        quantity,
        service_start_date,
        coalesce(service_end_date, {{ add_days('service_last_day', 1) }}) as service_end_date,
        is_proration,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
