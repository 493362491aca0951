-- grain: one landed record of the Zendesk vote export
{{ base_export('zendesk', 'vote') }}
