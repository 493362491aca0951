-- grain: one landed record of the templates success_objectives export
{{ base_export('templates', 'success_objectives') }}
