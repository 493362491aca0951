-- grain: one landed record of the Salesforce event export
{{ base_export('salesforce', 'event') }}
