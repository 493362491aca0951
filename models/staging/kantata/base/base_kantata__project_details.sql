-- grain: one landed record of the Kantata project_details export
{{ base_export('kantata', 'project_details') }}
