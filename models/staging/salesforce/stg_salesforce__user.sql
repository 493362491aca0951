-- grain: one user
with exported as (

    select * from {{ ref('base_salesforce__user') }}

),

final as (

    select
        id as user_id,
        name as user_name,
        email as user_email,
        coalesce(is_active, false) as is_active,
        user_role_id,
        manager_id as manager_user_id,
        coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
