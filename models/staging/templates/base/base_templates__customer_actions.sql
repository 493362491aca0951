-- grain: one landed record of the customer_actions template
{{ base_export('templates', 'customer_actions') }}
