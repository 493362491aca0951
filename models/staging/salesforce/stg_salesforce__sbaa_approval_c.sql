-- grain: one request of Advanced Approvals
with exported as (
    select * from {{ ref('base_salesforce__sbaa_approval_c') }} where _row_status = 'accepted'
),

final as (
    select
        id as approval_id,
        coalesce(quote_c, quote__c) as quote_id,
        lower(coalesce(sbaa_status_c, sbaa__status__c)) as approval_status,
        coalesce(sbaa_approved_by_c, sbaa__approved_by__c) is null
        and coalesce(sbaa_assigned_to_c, sbaa__assigned_to__c) is null as is_without_person,
        created_date as submitted_at,
        coalesce(sbaa_approved_date_c, sbaa__approved_date__c, last_modified_date) as decided_at,
        coalesce(is_exception_c, is_exception__c) as is_exception,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
)

select * from final
