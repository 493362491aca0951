-- grain: one landed record of the Zuora rate plan charge export
{{ base_export('zuora', 'rate_plan_charge') }}
