-- grain: one landed record of the Thought Industries course_purchases export
{{ base_export('thought_industries', 'course_purchases') }}
