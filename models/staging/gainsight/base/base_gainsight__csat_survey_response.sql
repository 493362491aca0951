-- grain: one landed record of the Gainsight csat_survey_response export
{{ base_export('gainsight', 'csat_survey_response') }}
