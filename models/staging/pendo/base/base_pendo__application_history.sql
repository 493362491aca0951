-- grain: one landed record of the Pendo application history export
{{ base_export('pendo', 'application_history') }}
