-- grain: one landed record of the templates success_plans export
{{ base_export('templates', 'success_plans') }}
