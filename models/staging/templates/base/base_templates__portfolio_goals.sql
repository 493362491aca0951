-- grain: one landed record of the portfolio_goals template
{{ base_export('templates', 'portfolio_goals') }}
