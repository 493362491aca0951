-- grain: one landed record of the Qualtrics question_response export
{{ base_export('qualtrics', 'question_response') }}
