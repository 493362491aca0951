-- grain: one Salesforce opportunity that is not deleted
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with opportunities as (

    select * from {{ ref('stg_salesforce__opportunity') }}

),

accounts as (

    select * from {{ ref('stg_salesforce__account') }}

),

worded as (

    select
        *,
        lower(opportunity_type_raw) as type_words
    from opportunities
    where not is_deleted

),

final as (

    select
        'salesforce:' || worded.opportunity_id as opportunity_key,
        'salesforce' as system,
        'salesforce:' || worded.account_id as account_key,
        worded.close_date,
        case
            -- renewal first, for its name contains new; existing before new, for a new product of an existing customer is expansion
            when worded.type_words like '%renew%' then 'renewal'
            when
                worded.type_words like '%existing%'
                or worded.type_words like '%expansion%'
                or worded.type_words like '%upsell%'
                or worded.type_words like '%up-sell%'
                or worded.type_words like '%cross-sell%'
                or worded.type_words like '%add-on%'
                or worded.type_words like '%add on%'
                then 'expansion'
            when worded.type_words like '%new%' then 'new'
            else 'other'
        end as opportunity_type,
        worded.owner_user_id as rep_id,
        worded.recorded_date as created_date,
        worded.stage_name as stage,
        worded.is_won,
        worded.is_closed,
        coalesce(worded.channel, accounts.channel) as channel,
        coalesce(worded.region, accounts.region) as region,
        worded.amount,
        coalesce(worded.currency, '{{ var("reporting_currency") }}') as currency,
        worded.recorded_date
    from worded
    left join accounts
        on worded.account_id = accounts.account_id

)

select * from final
