-- grain: one landed record of the opportunities template
{{ base_export('templates', 'opportunities') }}
