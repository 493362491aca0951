-- grain: one landed record of the customer_versions template
{{ base_export('templates', 'customer_versions') }}
