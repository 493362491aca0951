-- grain: one landed record of the customers template
{{ base_export('templates', 'customers') }}
