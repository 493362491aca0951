-- grain: one change of a Zuora subscription
with amendments as (
    select * from {{ ref('base_zuora__amendment') }} where _row_status = 'accepted'
),

final as (
    select
        id as amendment_id,
        subscription_id,
        lower(replace(type, ' ', '')) as amendment_type,
        lower(status) as amendment_status,
        effective_date,
        contract_effective_date,
        booking_date,
        auto_renew as is_auto_renewed,
        suspend_date,
        resume_date,
        created_date as created_at,
        updated_date as updated_at,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from amendments
)

select * from final
