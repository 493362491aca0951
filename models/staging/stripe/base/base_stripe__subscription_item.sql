-- grain: one landed record of the Stripe subscription item export
{{ base_export('stripe', 'subscription_item') }}
