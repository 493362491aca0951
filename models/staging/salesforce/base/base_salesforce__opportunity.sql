-- grain: one landed record of the Salesforce opportunity export
{{ base_export('salesforce', 'opportunity') }}
