-- grain: one landed record of the quote_approvals template
{{ base_export('templates', 'quote_approvals') }}
