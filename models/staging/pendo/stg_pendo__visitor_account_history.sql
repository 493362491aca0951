-- grain: one visitor of one account
with versions as (
    select * from {{ ref('base_pendo__visitor_account_history') }} where _row_status = 'accepted'
),

final as (
    select
        account_id,
        visitor_id,
        min(_created_date) as first_recorded_date
    from versions
    group by account_id, visitor_id
)

select * from final
