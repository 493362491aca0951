-- grain: one landed record of the Gainsight activity_timeline export
{{ base_export('gainsight', 'activity_timeline') }}
