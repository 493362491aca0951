-- grain: one landed record of the Zendesk ticket_metric export
{{ base_export('zendesk', 'ticket_metric') }}
