-- grain: one landed record of the customer_needs template
{{ base_export('templates', 'customer_needs') }}
