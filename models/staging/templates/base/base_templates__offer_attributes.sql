-- grain: one landed record of the offer_attributes template
{{ base_export('templates', 'offer_attributes') }}
