-- grain: what an hour of a role costs
with exported as (
    select * from {{ ref('base_templates__labour_rates') }} where _row_status = 'accepted'
),

final as (
    select
        rate_id,
        lower(role) as role,
        region,
        valid_from as valid_from_date,
        hourly_cost as hourly_amount,
        upper(currency) as currency,
        _created_date as recorded_date
    from exported
)

select * from final
