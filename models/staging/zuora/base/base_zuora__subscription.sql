-- grain: one landed record of the Zuora subscription export
{{ base_export('zuora', 'subscription') }}
