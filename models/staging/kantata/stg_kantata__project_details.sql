-- grain: one project of Kantata
with exported as (
    select * from {{ ref('base_kantata__project_details') }} where _row_status = 'accepted'
),

final as (
    select
        project_id,
        account as account_id,
        opportunity as opportunity_id,
        free_services_approved as is_investment
    from exported
)

select * from final
