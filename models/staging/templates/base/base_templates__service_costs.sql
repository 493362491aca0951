-- grain: one landed record of the service_costs template
{{ base_export('templates', 'service_costs') }}
