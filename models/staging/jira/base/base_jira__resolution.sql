-- grain: one landed record of the Jira resolution export
{{ base_export('jira', 'resolution') }}
