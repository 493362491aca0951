-- grain: one call to action
with exported as (
    select * from {{ ref('base_gainsight__call_to_action') }}
),

final as (
    select
        gsid as call_to_action_id,
        company_id,
        lower(entity_type) as entity_type,
        coalesce(type_name, type_id) as type_raw,
        risk_type_gc as risk_type_raw,
        coalesce(reason_name, reason_id) as reason_raw,
        competitor_gc is not null as has_competitor,
        {{ reporting_date('created_date') }} as opened_date,
        coalesce(is_closed, closed_date is not null) as is_closed,
        {{ reporting_date('closed_date') }} as closed_date,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
