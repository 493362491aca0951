-- grain: one landed record of the templates customer_benefits export
{{ base_export('templates', 'customer_benefits') }}
