-- grain: one landed record of the Salesforce contract export
{{ base_export('salesforce', 'contract') }}
