-- grain: one landed record of the templates risk_records export
{{ base_export('templates', 'risk_records') }}
