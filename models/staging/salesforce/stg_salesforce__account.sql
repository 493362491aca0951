-- grain: one account
with exported as (

    select * from {{ ref('base_salesforce__account') }}

),

final as (

    select
        id as account_id,
        case when not coalesce(is_person_account, false) then name end as account_name,
        parent_id as parent_account_id,
        master_record_id as merged_into_account_id,
        industry,
        billing_country,
        coalesce(segment_c, segment__c) as segment,
        coalesce(region_c, region__c) as region,
        coalesce(channel_c, channel__c) as channel,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
