-- grain: one recorded risk
with exported as (

    select * from {{ ref('base_templates__risk_records') }}

),

final as (

    select
        risk_id,
        account_id,
        risk_type as type_raw,
        reason_raw,
        coalesce(has_competitor, false) as has_competitor,
        opened_date,
        closed_date,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
