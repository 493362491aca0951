-- grain: one landed record of the RavenStack churn event export
{{ base_export('ravenstack', 'churn_events') }}
