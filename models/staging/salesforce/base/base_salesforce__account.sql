-- grain: one landed record of the Salesforce account export
{{ base_export('salesforce', 'account') }}
