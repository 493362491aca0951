-- grain: one landed record of the skill_assessments template
{{ base_export('templates', 'skill_assessments') }}
