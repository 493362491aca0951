-- grain: one landed record of the Stripe coupon export
{{ base_export('stripe', 'coupon') }}
