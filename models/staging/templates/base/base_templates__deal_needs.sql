-- grain: one landed record of the deal_needs template
{{ base_export('templates', 'deal_needs') }}
