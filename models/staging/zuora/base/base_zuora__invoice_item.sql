-- grain: one landed record of the Zuora invoice item export
{{ base_export('zuora', 'invoice_item') }}
