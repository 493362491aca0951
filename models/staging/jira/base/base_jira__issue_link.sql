-- grain: one landed record of the Jira issue_link export
{{ base_export('jira', 'issue_link') }}
