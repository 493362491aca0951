-- grain: one opportunity
with exported as (

    select * from {{ ref('base_salesforce__opportunity') }}

),

final as (

    select
        id as opportunity_id,
        account_id,
        type as opportunity_type_raw,
        stage_name,
        amount,
        upper(currency_iso_code) as currency,
        close_date,
        is_closed,
        is_won,
        owner_id as owner_user_id,
        coalesce(contract_id, contract_id_c, contract_id__c) as contract_id,
        coalesce(renewed_contract_id_c, renewed_contract_id__c, sbqq_renewed_contract_c, sbqq__renewed_contract__c) as renewed_contract_id,
        coalesce(loss_reason_c, loss_reason__c) as loss_reason,
        coalesce(channel_c, channel__c) as channel,
        coalesce(region_c, region__c) as region,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
