-- grain: one landed record of the quotes template
{{ base_export('templates', 'quotes') }}
