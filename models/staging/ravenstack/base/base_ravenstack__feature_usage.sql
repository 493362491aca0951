-- grain: one landed record of the RavenStack feature usage export
{{ base_export('ravenstack', 'feature_usage') }}
