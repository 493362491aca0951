-- grain: one landed record of the Jira component export
{{ base_export('jira', 'component') }}
