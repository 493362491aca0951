-- grain: one landed record of the Jira issue_type export
{{ base_export('jira', 'issue_type') }}
