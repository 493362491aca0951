-- grain: one landed record of the Zuora product export
{{ base_export('zuora', 'product') }}
