-- grain: one landed record of the Zuora amendment export
{{ base_export('zuora', 'amendment') }}
