-- grain: one landed record of the contract_lines template
{{ base_export('templates', 'contract_lines') }}
