-- grain: one landed record of the Qualtrics survey export
{{ base_export('qualtrics', 'survey') }}
