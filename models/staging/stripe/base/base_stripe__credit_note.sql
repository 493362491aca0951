-- grain: one landed record of the Stripe credit note export
{{ base_export('stripe', 'credit_note') }}
