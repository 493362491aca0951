-- grain: one landed record of the rep_tests template
{{ base_export('templates', 'rep_tests') }}
