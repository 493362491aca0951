-- grain: one landed record of the Gainsight cs_task export
{{ base_export('gainsight', 'cs_task') }}
