-- grain: one landed record of the templates customer_investments export
{{ base_export('templates', 'customer_investments') }}
