-- grain: one landed record of the Jira issue_multiselect_history export
{{ base_export('jira', 'issue_multiselect_history') }}
