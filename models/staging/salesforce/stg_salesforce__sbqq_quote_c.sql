-- grain: one quote of Salesforce CPQ
with exported as (
    select * from {{ ref('base_salesforce__sbqq_quote_c') }} where _row_status = 'accepted'
),

final as (
    select
        id as quote_id,
        owner_id as owner_user_id,
        upper(currency_iso_code) as currency,
        coalesce(sbqq_account_c, sbqq__account__c) as account_id,
        coalesce(sbqq_opportunity_2_c, sbqq__opportunity2__c) as opportunity_id,
        coalesce(sbqq_primary_c, sbqq__primary__c) as is_primary,
        lower(coalesce(sbqq_type_c, sbqq__type__c)) as quote_type,
        lower(coalesce(sbqq_status_c, sbqq__status__c)) as quote_status,
        coalesce(sbqq_net_amount_c, sbqq__net_amount__c) as net_amount,
        coalesce(region_c, region__c) as region,
        coalesce(channel_c, channel__c) as channel,
        created_date as created_at,
        coalesce(configured_at_c, configured_at__c) as configured_at,
        coalesce(proposal_at_c, proposal_at__c) as proposal_at,
        coalesce(is_proposal_automated_c, is_proposal_automated__c) as is_proposal_automated,
        coalesce(presented_at_c, presented_at__c) as presented_at,
        coalesce(accepted_at_c, accepted_at__c) as accepted_at,
        coalesce(is_esigned_c, is_esigned__c) as is_esigned,
        coalesce(is_guided_c, is_guided__c) as is_guided,
        coalesce(is_on_demand_c, is_on_demand__c) as is_on_demand,
        coalesce(is_on_platform_c, is_on_platform__c) as is_on_platform,
        coalesce(has_custom_sow_c, has_custom_sow__c) as has_custom_sow,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
)

select * from final
