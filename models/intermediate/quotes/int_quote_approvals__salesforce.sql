-- grain: one approval of Salesforce
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with advanced as (
    select * from {{ ref('stg_salesforce__sbaa_approval_c') }} where not is_deleted
),

standard as (
    select * from {{ ref('stg_salesforce__process_instance') }} where not is_deleted
),

quotes as (
    select * from {{ ref('stg_salesforce__sbqq_quote_c') }}
),

unioned as (
    select
        approval_id,
        quote_id,
        submitted_at,
        decided_at,
        approval_status,
        -- A rule approves without asking anybody.
        is_without_person and approval_status = 'approved' as is_automatic,
        is_exception,
        recorded_date
    from advanced
    where quote_id is not null

    union all

    -- Standard approvals are of any object; those of quotes count.
    select
        standard.process_instance_id as approval_id,
        quotes.quote_id,
        standard.submitted_at,
        standard.decided_at,
        standard.approval_status,
        false as is_automatic,
        cast(null as boolean) as is_exception,
        standard.recorded_date
    from standard
    inner join quotes on standard.target_object_id = quotes.quote_id
),

final as (
    select
        'salesforce:' || approval_id as approval_key,
        'salesforce' as system,
        'salesforce:' || quote_id as quote_key,
        submitted_at,
        case when approval_status in ('approved', 'rejected', 'recalled', 'removed') then decided_at end as decided_at,
        case
            when approval_status in ('approved', 'rejected') then approval_status
            when approval_status in ('recalled', 'removed') then 'recalled'
            else 'pending'
        end as decision,
        coalesce(is_automatic, false) as is_automatic,
        -- Who does not say what is asked for: people are asked for exceptions, rules approve what is within them.
        coalesce(is_exception, not coalesce(is_automatic, false)) as is_exception,
        recorded_date
    from unioned
)

select * from final
