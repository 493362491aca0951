-- grain: one landed record of the Pendo visitor history export
{{ base_export('pendo', 'visitor_history') }}
