-- grain: one landed record of the time_entries template
{{ base_export('templates', 'time_entries') }}
