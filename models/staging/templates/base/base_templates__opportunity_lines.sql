-- grain: one landed record of the opportunity_lines template
{{ base_export('templates', 'opportunity_lines') }}
