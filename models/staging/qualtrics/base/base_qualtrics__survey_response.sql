-- grain: one landed record of the Qualtrics survey_response export
{{ base_export('qualtrics', 'survey_response') }}
