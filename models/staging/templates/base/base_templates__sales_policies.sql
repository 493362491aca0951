-- grain: one landed record of the sales_policies template
{{ base_export('templates', 'sales_policies') }}
