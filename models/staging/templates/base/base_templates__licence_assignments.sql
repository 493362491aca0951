-- grain: one landed record of the licence_assignments template
{{ base_export('templates', 'licence_assignments') }}
