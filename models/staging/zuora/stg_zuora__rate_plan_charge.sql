-- grain: one segment of a Zuora charge in a subscription version
with rate_plan_charges as (
    select * from {{ ref('base_zuora__rate_plan_charge') }} where _row_status = 'accepted'
),

final as (
    select
        id as rate_plan_charge_id,
        charge_number,
        original_id as original_charge_id,
        segment as segment_number,
        subscription_id,
        rate_plan_id,
        product_id,
        name as charge_name,
        lower(charge_type) as charge_type,
        lower(charge_model) as charge_model,
        lower(billing_period) as billing_period,
        specific_billing_period as specific_billing_period_count,
        quantity,
        uom as unit_of_measure,
        mrr as mrr_amount,
        effective_start_date,
        effective_end_date,
        lower(end_date_condition) as end_date_condition,
        lower(price_change_option) as price_change_option,
        cast(price_increase_percentage / 100 as decimal(18, 6)) as price_increase_rate,
        coalesce(is_prepaid, false) as is_prepaid,
        commitment_type,
        upper(apply_discount_to) as discounted_charge_types,
        lower(discount_level) as discount_level,
        upper(transaction_currency) as currency,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from rate_plan_charges
)

select * from final
