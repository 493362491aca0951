-- grain: one quote of Salesforce CPQ that is not deleted
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with quotes as (
    select * from {{ ref('stg_salesforce__sbqq_quote_c') }} where not is_deleted
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunity') }}
),

final as (
    select
        'salesforce:' || quotes.quote_id as quote_key,
        'salesforce' as system,
        'salesforce:' || coalesce(quotes.account_id, opportunities.account_id) as account_key,
        quotes.opportunity_id,
        quotes.is_primary,
        case when quotes.quote_type in ('renewal', 'amendment') then quotes.quote_type else 'new' end as quote_type,
        quotes.owner_user_id as rep_id,
        quotes.region,
        quotes.channel,
        coalesce(quotes.currency, opportunities.currency, '{{ var("reporting_currency") }}') as currency,
        quotes.net_amount,
        quotes.created_at,
        quotes.configured_at,
        quotes.proposal_at,
        quotes.is_proposal_automated,
        quotes.presented_at,
        -- The package knows that a quote was accepted, not when: without a field of one's own, with the deal.
        coalesce(
            quotes.accepted_at, case when quotes.quote_status = 'accepted' then cast(opportunities.close_date as timestamp) end
        ) as accepted_at,
        quotes.is_esigned,
        quotes.is_guided,
        quotes.is_on_demand,
        quotes.is_on_platform,
        quotes.has_custom_sow,
        quotes.recorded_date
    from quotes
    left join opportunities on quotes.opportunity_id = opportunities.opportunity_id
)

select * from final
