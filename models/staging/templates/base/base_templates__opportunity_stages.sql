-- grain: one landed record of the opportunity_stages template
{{ base_export('templates', 'opportunity_stages') }}
