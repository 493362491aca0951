-- grain: one landed record of the Pendo visitor account history export
{{ base_export('pendo', 'visitor_account_history') }}
