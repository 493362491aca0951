-- grain: one landed record of the exchange_rates template
{{ base_export('templates', 'exchange_rates') }}
