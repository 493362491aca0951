-- grain: one landed record of the Salesforce opportunity_line_item export
{{ base_export('salesforce', 'opportunity_line_item') }}
