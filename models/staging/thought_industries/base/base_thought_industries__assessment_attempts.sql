-- grain: one landed record of the Thought Industries assessment_attempts export
{{ base_export('thought_industries', 'assessment_attempts') }}
