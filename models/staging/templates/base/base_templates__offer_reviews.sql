-- grain: one landed record of the offer_reviews template
{{ base_export('templates', 'offer_reviews') }}
