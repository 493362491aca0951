-- grain: one landed record of the Zendesk ticket_tag export
{{ base_export('zendesk', 'ticket_tag') }}
