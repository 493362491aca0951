-- grain: one certificate of one user
with exported as (
    select * from {{ ref('base_templates__certificates') }} where _row_status = 'accepted'
),

final as (
    select
        certificate_id,
        account_id,
        user_id,
        issued_date,
        expires_date,
        _created_date as recorded_date
    from exported
)

select * from final
