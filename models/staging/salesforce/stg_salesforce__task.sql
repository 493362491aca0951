-- grain: one task
with exported as (

    select * from {{ ref('base_salesforce__task') }}

),

final as (

    select
        id as task_id,
        account_id,
        type as type_raw,
        task_subtype as subtype_raw,
        coalesce(is_closed, lower(status) = 'completed', false) as is_completed,
        coalesce(completed_date_time, cast(activity_date as timestamp)) as started_at,
        lower(call_type) as call_type,
        lower(call_disposition) as call_disposition,
        coalesce(is_recurrence, false) as is_series,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
