-- grain: one landed record of the catalog_views template
{{ base_export('templates', 'catalog_views') }}
