-- grain: one request to approve a quote
with exported as (
    select * from {{ ref('base_templates__quote_approvals') }} where _row_status = 'accepted'
),

final as (
    select
        approval_id,
        quote_id,
        submitted_at,
        decided_at,
        {{ lower_case('decision') }} as decision,
        is_automatic,
        is_exception,
        _created_date as recorded_date
    from exported
)

select * from final
