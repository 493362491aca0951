-- grain: one landed record of the Stripe price export
{{ base_export('stripe', 'price') }}
