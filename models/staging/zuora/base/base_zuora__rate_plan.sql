-- grain: one landed record of the Zuora rate plan export
{{ base_export('zuora', 'rate_plan') }}
