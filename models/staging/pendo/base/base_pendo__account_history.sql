-- grain: one landed record of the Pendo account history export
{{ base_export('pendo', 'account_history') }}
