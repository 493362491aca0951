-- grain: one account of the templates that is tracked
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_templates__customers') }}
),

usage_days as (
    select * from {{ ref('int_usage_days__templates') }}
),

-- The export tells of all accounts, from its first day on; without any use it is no export of use.
feed as (
    select min(usage_date) as first_date, max(usage_date) as last_date
    from usage_days
),

known as (
    select 'templates:' || account_id as account_key
    from accounts

    union

    select distinct account_key
    from usage_days
),

final as (
    select
        known.account_key,
        'templates' as system,
        feed.first_date as tracked_from_date,
        feed.last_date as tracked_until_date
    from known
    cross join feed
    where feed.first_date is not null
)

select * from final
