-- grain: one landed record of the Zendesk ticket_field_history export
{{ base_export('zendesk', 'ticket_field_history') }}
