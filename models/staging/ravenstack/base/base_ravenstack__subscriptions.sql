-- grain: one landed record of the RavenStack subscription export
{{ base_export('ravenstack', 'subscriptions') }}
