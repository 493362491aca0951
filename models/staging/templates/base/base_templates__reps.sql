-- grain: one landed record of the reps template
{{ base_export('templates', 'reps') }}
