-- grain: one landed record of the Zuora credit memo item export
{{ base_export('zuora', 'credit_memo_item') }}
