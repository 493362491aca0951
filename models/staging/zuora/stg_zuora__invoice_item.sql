-- grain: one line of a Zuora invoice
with invoice_items as (
    select * from {{ ref('base_zuora__invoice_item') }} where _row_status = 'accepted'
),

final as (
    select
        id as invoice_item_id,
        invoice_id,
        account_id,
        subscription_id,
        product_id,
        rate_plan_charge_id,
        charge_amount,
        coalesce(processing_type in ('3', 'Tax'), false) as is_tax,
        quantity,
        service_start_date,
        {{ add_days('service_end_date', 1) }} as service_end_date,
        upper(transaction_currency) as currency,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from invoice_items
)

select * from final
