-- grain: one landed record of the templates survey_responses export
{{ base_export('templates', 'survey_responses') }}
