-- grain: one landed record of the case_defects template
{{ base_export('templates', 'case_defects') }}
