-- grain: one landed record of the Thought Industries course_actions export
{{ base_export('thought_industries', 'course_actions') }}
