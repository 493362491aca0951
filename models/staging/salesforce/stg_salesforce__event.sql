-- grain: one event
with exported as (

    select * from {{ ref('base_salesforce__event') }}

),

final as (

    select
        id as event_id,
        account_id,
        type as type_raw,
        event_subtype as subtype_raw,
        coalesce(start_date_time, activity_date_time, cast(activity_date as timestamp)) as started_at,
        coalesce(no_show_c, no_show__c, false) as is_no_show,
        coalesce(is_child, false) as is_copy,
        coalesce(is_recurrence, false) as is_series,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
