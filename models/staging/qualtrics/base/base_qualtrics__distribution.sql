-- grain: one landed record of the Qualtrics distribution export
{{ base_export('qualtrics', 'distribution') }}
