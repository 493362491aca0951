-- grain: one landed record of the Skilljar user export
{{ base_export('skilljar', 'user') }}
