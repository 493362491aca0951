-- grain: one landed record of the Salesforce sbqq_quote_c export
{{ base_export('salesforce', 'sbqq_quote_c') }}
