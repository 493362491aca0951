-- grain: one account that Pendo knows
{{ config(enabled='pendo' in var('systems'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_pendo__account_history') }}
),

visitor_accounts as (
    select * from {{ ref('stg_pendo__visitor_account_history') }}
),

usage_days as (
    select * from {{ ref('int_usage_days__pendo') }}
),

-- An account is known from the first thing that is told of it.
mentioned as (
    select
        'pendo:' || account_id as account_key,
        {{ earliest_of([reporting_date('first_visit_at'), 'recorded_date']) }} as mentioned_date
    from accounts

    union all

    select 'pendo:' || account_id as account_key, first_recorded_date as mentioned_date
    from visitor_accounts

    union all

    select account_key, min(usage_date) as mentioned_date
    from usage_days
    group by account_key
),

newest as (
    select max(usage_date) as usage_date from usage_days
),

final as (
    select
        mentioned.account_key,
        'pendo' as system,
        min(mentioned.mentioned_date) as tracked_from_date,
        max(newest.usage_date) as tracked_until_date
    from mentioned
    cross join newest
    where mentioned.mentioned_date is not null
    group by mentioned.account_key
)

select * from final
