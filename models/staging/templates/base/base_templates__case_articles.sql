-- grain: one landed record of the case_articles template
{{ base_export('templates', 'case_articles') }}
