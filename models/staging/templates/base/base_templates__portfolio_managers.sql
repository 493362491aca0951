-- grain: one landed record of the portfolio_managers template
{{ base_export('templates', 'portfolio_managers') }}
