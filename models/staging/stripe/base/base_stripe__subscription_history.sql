-- grain: one landed record of the Stripe subscription history export
{{ base_export('stripe', 'subscription_history') }}
