-- grain: one landed record of the Stripe discount export
{{ base_export('stripe', 'discount') }}
