-- grain: one landed record of the Salesforce sbqq_quoteline_c export
{{ base_export('salesforce', 'sbqq_quoteline_c') }}
