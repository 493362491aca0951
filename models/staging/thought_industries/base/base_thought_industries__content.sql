-- grain: one landed record of the Thought Industries content export
{{ base_export('thought_industries', 'content') }}
