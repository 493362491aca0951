-- grain: one use of a message or resource by Sales
with exported as (
    select * from {{ ref('base_templates__sales_resource_uses') }} where _row_status = 'accepted'
),

final as (
    select
        use_id,
        opportunity_id,
        rep_id,
        {{ lower_case('resource_kind') }} as resource_kind,
        resource_id,
        is_value_asset,
        used_date,
        _created_date as recorded_date
    from exported
)

select * from final
