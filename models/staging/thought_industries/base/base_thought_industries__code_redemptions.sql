-- grain: one landed record of the Thought Industries code_redemptions export
{{ base_export('thought_industries', 'code_redemptions') }}
