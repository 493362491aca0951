-- grain: one landed record of the Qualtrics distribution_contact export
{{ base_export('qualtrics', 'distribution_contact') }}
