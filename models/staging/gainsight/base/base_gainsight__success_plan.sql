-- grain: one landed record of the Gainsight success_plan export
{{ base_export('gainsight', 'success_plan') }}
