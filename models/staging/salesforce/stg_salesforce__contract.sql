-- grain: one contract
with exported as (

    select * from {{ ref('base_salesforce__contract') }}

),

final as (

    select
        id as contract_id,
        account_id,
        contract_number,
        case
            when lower(coalesce(status_code, status)) like '%terminat%' then 'terminated'
            -- what was cancelled before it was activated has never been in force
            when lower(coalesce(status_code, status)) like '%cancel%' and activated_date is not null then 'terminated'
            when lower(coalesce(status_code, status)) like '%cancel%' then 'draft'
            when lower(coalesce(status_code, status)) like '%expired%' then 'expired'
            -- whole words, for Deactivated and Not Activated are no activations
            when lower(coalesce(status_code, status)) in ('activated', 'active') then 'activated'
            when lower(coalesce(status_code, status)) like '%draft%' or lower(coalesce(status_code, status)) like '%approval%' then 'draft'
            -- a status in the company's own words: in force once it has been activated
            when activated_date is not null then 'activated'
            else 'draft'
        end as contract_status,
        start_date,
        coalesce(
            {{ add_days('end_date', 1) }},
            {{ add_months('start_date', 'contract_term') }}
        ) as end_date,
        {{ reporting_date('activated_date') }} as activated_date,
        coalesce(sbqq_opportunity_c, sbqq__opportunity__c) as opportunity_id,
        coalesce(sbqq_renewal_opportunity_c, sbqq__renewal_opportunity__c) as renewal_opportunity_id,
        cast(coalesce(sbqq_renewal_uplift_rate_c, sbqq__renewal_uplift_rate__c) / 100 as decimal(18, 6)) as renewal_uplift_rate,
        coalesce(renewal_of_contract_c, renewal_of_contract__c) as renewal_of_contract_id,
        upper(currency_iso_code) as currency,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
