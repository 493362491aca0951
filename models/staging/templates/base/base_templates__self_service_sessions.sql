-- grain: one landed record of the self_service_sessions template
{{ base_export('templates', 'self_service_sessions') }}
