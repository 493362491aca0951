-- grain: one landed record of the Salesforce user export
{{ base_export('salesforce', 'user') }}
