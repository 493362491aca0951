-- grain: one seat of one user from one moment on
with exported as (

    select * from {{ ref('base_templates__licence_assignments') }}

),

final as (

    select
        account_id,
        product_id,
        user_id,
        assigned_at,
        unassigned_at,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
