-- grain: one landed record of the Jira version export
{{ base_export('jira', 'version') }}
