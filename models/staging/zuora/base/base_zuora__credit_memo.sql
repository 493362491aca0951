-- grain: one landed record of the Zuora credit memo export
{{ base_export('zuora', 'credit_memo') }}
