-- grain: one landed record of the Zendesk organization export
{{ base_export('zendesk', 'organization') }}
