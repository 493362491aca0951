-- grain: one landed record of the Pendo feature history export
{{ base_export('pendo', 'feature_history') }}
