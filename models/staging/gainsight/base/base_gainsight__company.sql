-- grain: one landed record of the Gainsight company export
{{ base_export('gainsight', 'company') }}
