-- grain: one account, user, product, feature and day of one file; events that were moved to another day by themselves
with exported as (

    select * from {{ ref('base_templates__product_events') }}

),

final as (

    select
        account_id,
        user_id,
        product_id,
        feature_id,
        _created_date as usage_date,
        event_count,
        _record_count as record_count,
        _file as file,
        _record as record_number,
        _recorded_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
