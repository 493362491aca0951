-- grain: quota and variable pay of one rep in one month
with exported as (
    select * from {{ ref('base_templates__rep_quotas') }} where _row_status = 'accepted'
),

final as (
    select
        quota_id,
        rep_id,
        period_month as quota_month,
        service_quota_amount,
        service_pay_amount,
        product_pay_amount,
        upper(currency) as currency,
        _created_date as recorded_date
    from exported
)

select * from final
