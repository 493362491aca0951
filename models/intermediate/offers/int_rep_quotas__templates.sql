-- grain: quota and variable pay of one rep in one month, of the rep_quotas template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__rep_quotas') }}
),

final as (
    select
        'templates:' || quota_id as quota_key,
        'templates' as system,
        rep_id,
        quota_month,
        service_quota_amount,
        service_pay_amount,
        product_pay_amount,
        currency,
        recorded_date
    from exported
)

select * from final
