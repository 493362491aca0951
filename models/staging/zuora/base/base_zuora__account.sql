-- grain: one landed record of the Zuora account export
{{ base_export('zuora', 'account') }}
