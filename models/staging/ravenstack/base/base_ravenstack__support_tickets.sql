-- grain: one landed record of the RavenStack support ticket export
{{ base_export('ravenstack', 'support_tickets') }}
