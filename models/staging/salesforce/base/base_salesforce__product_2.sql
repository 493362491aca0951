-- grain: one landed record of the Salesforce product_2 export
{{ base_export('salesforce', 'product_2') }}
