-- grain: one order
with exported as (

    select * from {{ ref('base_salesforce__order') }}

),

final as (

    select
        id as order_id,
        account_id,
        contract_id,
        opportunity_id,
        coalesce(sbqq_quote_c, sbqq__quote__c) as quote_id,
        order_number,
        status as order_status,
        type as order_type,
        total_amount,
        effective_date as start_date,
        {{ add_days('end_date', 1) }} as end_date,
        {{ reporting_date('activated_date') }} as booking_date,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
