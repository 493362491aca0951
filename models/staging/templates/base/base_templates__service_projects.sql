-- grain: one landed record of the service_projects template
{{ base_export('templates', 'service_projects') }}
