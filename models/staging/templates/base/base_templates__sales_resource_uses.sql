-- grain: one landed record of the sales_resource_uses template
{{ base_export('templates', 'sales_resource_uses') }}
