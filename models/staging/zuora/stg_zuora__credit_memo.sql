-- grain: one Zuora credit memo
with credit_memos as (
    select * from {{ ref('base_zuora__credit_memo') }} where _row_status = 'accepted'
),

final as (
    select
        id as credit_memo_id,
        account_id,
        memo_date,
        lower(status) as credit_memo_status,
        referred_invoice_id,
        upper(currency) as currency,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from credit_memos
)

select * from final
