-- grain: one landed record of the Stripe subscription discount export
{{ base_export('stripe', 'subscription_discount') }}
