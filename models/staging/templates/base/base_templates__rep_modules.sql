-- grain: one landed record of the rep_modules template
{{ base_export('templates', 'rep_modules') }}
