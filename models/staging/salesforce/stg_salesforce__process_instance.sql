-- grain: one standard approval of Salesforce
with exported as (
    select * from {{ ref('base_salesforce__process_instance') }} where _row_status = 'accepted'
),

final as (
    select
        id as process_instance_id,
        target_object_id,
        lower(status) as approval_status,
        created_date as submitted_at,
        completed_date as decided_at,
        coalesce(is_deleted, false)
        or coalesce(_fivetran_deleted, false)
        or not coalesce(_fivetran_active, true) as is_deleted,
        _created_date as recorded_date
    from exported
)

select * from final
