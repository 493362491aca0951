-- grain: one landed record of the cause_fixes template
{{ base_export('templates', 'cause_fixes') }}
