-- grain: one landed record of the Salesforce sbaa_approval_c export
{{ base_export('salesforce', 'sbaa_approval_c') }}
