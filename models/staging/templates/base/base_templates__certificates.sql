-- grain: one landed record of the certificates template
{{ base_export('templates', 'certificates') }}
