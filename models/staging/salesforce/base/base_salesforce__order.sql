-- grain: one landed record of the Salesforce order export
{{ base_export('salesforce', 'order') }}
