-- grain: one landed record of the article_reviews template
{{ base_export('templates', 'article_reviews') }}
