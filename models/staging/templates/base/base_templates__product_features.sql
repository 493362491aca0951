-- grain: one landed record of the product_features template
{{ base_export('templates', 'product_features') }}
