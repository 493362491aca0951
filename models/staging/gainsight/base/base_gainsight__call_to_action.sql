-- grain: one landed record of the Gainsight call_to_action export
{{ base_export('gainsight', 'call_to_action') }}
