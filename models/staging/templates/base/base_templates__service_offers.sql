-- grain: one landed record of the service_offers template
{{ base_export('templates', 'service_offers') }}
