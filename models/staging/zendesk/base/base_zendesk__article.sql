-- grain: one landed record of the Zendesk article export
{{ base_export('zendesk', 'article') }}
