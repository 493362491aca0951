-- grain: one landed record of the Stripe customer export
{{ base_export('stripe', 'customer') }}
