-- grain: one landed record of the Salesforce task export
{{ base_export('salesforce', 'task') }}
