-- grain: one landed record of the Jira project export
{{ base_export('jira', 'project') }}
