-- grain: one landed record of the templates engagements export
{{ base_export('templates', 'engagements') }}
