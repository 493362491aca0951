-- grain: one landed record of the Skilljar published_course_enrollment export
{{ base_export('skilljar', 'published_course_enrollment') }}
