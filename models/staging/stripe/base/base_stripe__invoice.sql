-- grain: one landed record of the Stripe invoice export
{{ base_export('stripe', 'invoice') }}
