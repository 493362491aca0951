-- grain: one landed record of the Zendesk ticket export
{{ base_export('zendesk', 'ticket') }}
