-- grain: one landed record of the Jira issue export
{{ base_export('jira', 'issue') }}
