-- grain: one landed record of the contract_discounts template
{{ base_export('templates', 'contract_discounts') }}
