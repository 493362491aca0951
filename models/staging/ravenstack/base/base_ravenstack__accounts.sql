-- grain: one landed record of the RavenStack account export
{{ base_export('ravenstack', 'accounts') }}
