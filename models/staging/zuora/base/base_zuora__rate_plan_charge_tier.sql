-- grain: one landed record of the Zuora rate plan charge tier export
{{ base_export('zuora', 'rate_plan_charge_tier') }}
