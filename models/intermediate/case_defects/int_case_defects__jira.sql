-- grain: one ticket that a Jira issue names
{{ config(enabled='jira' in var('systems')) }}

with issues as (
    select * from {{ ref('stg_jira__issue') }} where not is_deleted
),

listed as (
    {{ listed_values('issues', ['issue_id', 'recorded_date'], 'zendesk_ticket_ids', 'ticket_id') }}
),

final as (
    select distinct
        'zendesk:' || ticket_id as case_key,
        'jira:' || issue_id as defect_key,
        'jira' as system,
        recorded_date
    from listed
)

select * from final
