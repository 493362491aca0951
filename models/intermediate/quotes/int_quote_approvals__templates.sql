-- grain: one row of the quote_approvals template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__quote_approvals') }}
),

final as (
    select
        'templates:' || approval_id as approval_key,
        'templates' as system,
        'templates:' || quote_id as quote_key,
        submitted_at,
        decided_at,
        case
            when decided_at is null then 'pending'
            when decision in ('approved', 'rejected', 'recalled') then decision
            else 'pending'
        end as decision,
        coalesce(is_automatic, false) as is_automatic,
        coalesce(is_exception, not coalesce(is_automatic, false)) as is_exception,
        recorded_date
    from exported
)

select * from final
