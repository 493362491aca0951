-- grain: one landed record of the products template
{{ base_export('templates', 'products') }}
