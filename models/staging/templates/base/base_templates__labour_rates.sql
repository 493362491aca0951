-- grain: one landed record of the labour_rates template
{{ base_export('templates', 'labour_rates') }}
