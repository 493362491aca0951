-- grain: one landed record of the Qualtrics question export
{{ base_export('qualtrics', 'question') }}
