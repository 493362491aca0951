-- grain: one landed record of the Salesforce process_instance export
{{ base_export('salesforce', 'process_instance') }}
