-- grain: one price tier of a Zuora charge segment
with rate_plan_charge_tiers as (
    select * from {{ ref('base_zuora__rate_plan_charge_tier') }} where _row_status = 'accepted'
),

final as (
    select
        id as rate_plan_charge_tier_id,
        rate_plan_charge_id,
        cast(discount_percentage / 100 as decimal(18, 6)) as discount_rate,
        discount_amount,
        upper(currency) as currency,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from rate_plan_charge_tiers
)

select * from final
