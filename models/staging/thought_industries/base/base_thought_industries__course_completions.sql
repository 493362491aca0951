-- grain: one landed record of the Thought Industries course_completions export
{{ base_export('thought_industries', 'course_completions') }}
