-- grain: one landed record of the Stripe invoice line item export
{{ base_export('stripe', 'invoice_line_item') }}
