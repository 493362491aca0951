-- grain: one landed record of the product_usage template
{{ base_export('templates', 'product_usage') }}
