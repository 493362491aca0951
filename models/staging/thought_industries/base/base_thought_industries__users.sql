-- grain: one landed record of the Thought Industries users export
{{ base_export('thought_industries', 'users') }}
