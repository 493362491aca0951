-- grain: one landed record of the service_deliveries template
{{ base_export('templates', 'service_deliveries') }}
