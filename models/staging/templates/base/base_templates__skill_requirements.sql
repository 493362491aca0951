-- grain: one landed record of the skill_requirements template
{{ base_export('templates', 'skill_requirements') }}
