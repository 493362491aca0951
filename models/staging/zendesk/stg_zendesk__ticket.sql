-- grain: one Zendesk ticket
with tickets as (
    select * from {{ ref('base_zendesk__ticket') }} where _row_status = 'accepted'
),

final as (
    select
        id as ticket_id,
        created_at,
        updated_at,
        lower(status) as ticket_status,
        lower(priority) as priority,
        lower(type) as ticket_type,
        organization_id,
        requester_id,
        submitter_id,
        problem_id as problem_ticket_id,
        lower(via_channel) as channel,
        merged_ticket_ids,
        custom_contact_reason as contact_reason,
        custom_topic as topic,
        custom_product as product_name,
        custom_release as release_name,
        custom_cause as cause,
        lower(custom_sentiment) as sentiment,
        custom_total_time_spent_sec as handle_seconds,
        custom_jira_issue_keys as jira_issue_keys,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from tickets
)

select * from final
