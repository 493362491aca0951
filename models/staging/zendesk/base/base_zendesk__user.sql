-- grain: one landed record of the Zendesk user export
{{ base_export('zendesk', 'user') }}
