-- grain: one Jira issue
with issues as (
    select * from {{ ref('base_jira__issue') }} where _row_status = 'accepted'
),

final as (
    select
        id as issue_id,
        key as issue_key,
        project as project_id,
        issue_type as issue_type_id,
        status as status_id,
        resolution as resolution_id,
        resolved as resolved_at,
        created as created_at,
        updated as updated_at,
        time_spent as engineering_seconds,
        custom_zendesk_ticket_ids as zendesk_ticket_ids,
        custom_customer_reported as is_customer_reported,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from issues
)

select * from final
