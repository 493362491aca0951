-- grain: one landed record of the Jira status export
{{ base_export('jira', 'status') }}
