-- grain: one landed record of the Gainsight nps_survey_response export
{{ base_export('gainsight', 'nps_survey_response') }}
