-- grain: one landed record of the Zuora invoice export
{{ base_export('zuora', 'invoice') }}
