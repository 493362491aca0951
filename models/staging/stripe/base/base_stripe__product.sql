-- grain: one landed record of the Stripe product export
{{ base_export('stripe', 'product') }}
