-- grain: one landed record of the Kantata project_budget export
{{ base_export('kantata', 'project_budget') }}
