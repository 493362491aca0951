-- grain: one landed record of the invoice_lines template
{{ base_export('templates', 'invoice_lines') }}
