-- grain: one landed record of the activity_records template
{{ base_export('templates', 'activity_records') }}
