-- grain: one line of a Zuora credit memo
with credit_memo_items as (
    select * from {{ ref('base_zuora__credit_memo_item') }} where _row_status = 'accepted'
),

final as (
    select
        id as credit_memo_item_id,
        credit_memo_id,
        subscription_id,
        product_id,
        rate_plan_charge_id,
        amount_without_tax,
        quantity,
        service_start_date,
        {{ add_days('service_end_date', 1) }} as service_end_date,
        upper(currency) as currency,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from credit_memo_items
)

select * from final
