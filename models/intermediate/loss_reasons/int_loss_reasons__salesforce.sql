-- grain: one lost renewal opportunity of Salesforce
{{ config(enabled='salesforce' in var('systems')) }}

with opportunities as (

    select * from {{ ref('stg_salesforce__opportunity') }}

),

typed as (

    select * from {{ ref('int_opportunities__salesforce') }}

),

contracts as (

    select * from {{ ref('stg_salesforce__contract') }}

),

-- an opportunity may renew several contracts at once; such a loss is of the account, not of one of them
renewed as (

    select
        renewal_opportunity_id as opportunity_id,
        count(*) as contract_count,
        min(contract_id) as contract_id
    from contracts
    where not is_deleted and renewal_opportunity_id is not null
    group by renewal_opportunity_id

),

final as (

    select
        'salesforce:' || opportunities.opportunity_id as loss_reason_id,
        'salesforce' as system,
        'salesforce:' || opportunities.account_id as account_key,
        'salesforce:' || coalesce(
            opportunities.renewed_contract_id,
            case when renewed.contract_count = 1 then renewed.contract_id end,
            opportunities.contract_id
        ) as contract_key,
        opportunities.close_date as reason_date,
        'crm_renewal' as reason_source,
        {{ reason_key('opportunities.loss_reason') }} as reason_key,
        opportunities.recorded_date
    from opportunities
    inner join typed
        on typed.opportunity_key = 'salesforce:' || opportunities.opportunity_id
    left join renewed
        on opportunities.opportunity_id = renewed.opportunity_id
    where
        opportunities.is_closed
        and not opportunities.is_won
        and (typed.opportunity_type = 'renewal' or renewed.opportunity_id is not null)

)

select * from final
