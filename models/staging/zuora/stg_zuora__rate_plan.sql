-- grain: one rate plan of a Zuora subscription version
with rate_plans as (
    select * from {{ ref('base_zuora__rate_plan') }} where _row_status = 'accepted'
),

final as (
    select
        id as rate_plan_id,
        subscription_id,
        product_id,
        name as rate_plan_name,
        amendment_id,
        lower(amendment_type) as amendment_type,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from rate_plans
)

select * from final
