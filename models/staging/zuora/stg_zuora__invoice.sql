-- grain: one Zuora invoice
with invoices as (
    select * from {{ ref('base_zuora__invoice') }} where _row_status = 'accepted'
),

final as (
    select
        id as invoice_id,
        account_id,
        invoice_number,
        invoice_date,
        lower(status) as invoice_status,
        coalesce(reversed, false) as is_reversed,
        upper(transaction_currency) as currency,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from invoices
)

select * from final
