-- grain: one landed record of the Jira issue_field_history export
{{ base_export('jira', 'issue_field_history') }}
