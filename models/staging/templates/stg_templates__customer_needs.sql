-- grain: one need for a service that one account has stated
with exported as (
    select * from {{ ref('base_templates__customer_needs') }} where _row_status = 'accepted'
),

final as (
    select
        need_id,
        account_id,
        lower(replace(replace(need, ' ', '_'), '-', '_')) as need,
        stated_date,
        _created_date as recorded_date
    from exported
)

select * from final
