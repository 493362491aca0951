-- grain: one landed record of the Gainsight account_scorecard_history export
{{ base_export('gainsight', 'account_scorecard_history') }}
