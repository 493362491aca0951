-- grain: one landed record of the service_needs template
{{ base_export('templates', 'service_needs') }}
