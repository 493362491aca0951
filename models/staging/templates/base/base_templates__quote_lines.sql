-- grain: one landed record of the quote_lines template
{{ base_export('templates', 'quote_lines') }}
