-- grain: one RavenStack account
{{ config(enabled='ravenstack' in var('systems'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_ravenstack__accounts') }}
),

usage_days as (
    select * from {{ ref('int_usage_days__ravenstack') }}
),

-- The export tells of all accounts, from its first day on; without any use it is no export of use.
feed as (
    select min(usage_date) as first_date, max(usage_date) as last_date
    from usage_days
),

known as (
    select 'ravenstack:' || account_id as account_key
    from accounts
),

final as (
    select
        known.account_key,
        'ravenstack' as system,
        feed.first_date as tracked_from_date,
        feed.last_date as tracked_until_date
    from known
    cross join feed
    where feed.first_date is not null
)

select * from final
