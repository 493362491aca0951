-- grain: one landed record of the Salesforce opportunity_history export
{{ base_export('salesforce', 'opportunity_history') }}
