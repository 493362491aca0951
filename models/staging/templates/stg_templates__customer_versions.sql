-- grain: one release of a product that one account runs
with exported as (
    select * from {{ ref('base_templates__customer_versions') }} where _row_status = 'accepted'
),

final as (
    select
        version_id,
        account_id,
        product,
        release as release_name,
        used_from as used_from_date,
        used_until as used_until_date,
        current_until as current_until_date,
        _created_date as recorded_date
    from exported
)

select * from final
