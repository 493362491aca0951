-- grain: one landed record of the practice_assessments template
{{ base_export('templates', 'practice_assessments') }}
