-- grain: one landed record of the Kantata revenue_by_user export
{{ base_export('kantata', 'revenue_by_user') }}
