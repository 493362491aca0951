-- grain: one landed record of the Zendesk satisfaction_rating export
{{ base_export('zendesk', 'satisfaction_rating') }}
