-- grain: one limit of sales policy
with exported as (
    select * from {{ ref('base_templates__sales_policies') }} where _row_status = 'accepted'
),

final as (
    select
        policy_id,
        region,
        {{ lower_case('service_line') }} as service_line,
        offer_id,
        max_discount as max_discount_rate,
        valid_from as valid_from_date,
        valid_until as valid_until_date,
        _created_date as recorded_date
    from exported
)

select * from final
