-- grain: one landed record of the Zendesk ticket_comment export
{{ base_export('zendesk', 'ticket_comment') }}
