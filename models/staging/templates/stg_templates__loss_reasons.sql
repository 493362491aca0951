-- grain: one recorded loss reason
with exported as (

    select * from {{ ref('base_templates__loss_reasons') }}

),

final as (

    select
        loss_reason_id,
        account_id,
        contract_id,
        reason_date,
        lower(replace(replace(reason_source, ' ', '_'), '-', '_')) as reason_source,
        reason_raw,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
