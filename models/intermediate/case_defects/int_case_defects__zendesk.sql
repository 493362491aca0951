-- grain: one Jira issue that a Zendesk ticket names by its key
{{ config(enabled='zendesk' in var('systems')) }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
),

listed as (
    {{ listed_values('tickets', ['ticket_id', 'recorded_date'], 'jira_issue_keys', 'issue_key') }}
),

final as (
    select distinct
        'zendesk:' || ticket_id as case_key,
        'jira:' || issue_key as defect_key,
        'zendesk' as system,
        recorded_date
    from listed
)

select * from final
