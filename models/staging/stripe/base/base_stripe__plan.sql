-- grain: one landed record of the Stripe plan export
{{ base_export('stripe', 'plan') }}
