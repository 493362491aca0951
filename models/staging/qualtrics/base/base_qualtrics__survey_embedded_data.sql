-- grain: one landed record of the Qualtrics survey_embedded_data export
{{ base_export('qualtrics', 'survey_embedded_data') }}
