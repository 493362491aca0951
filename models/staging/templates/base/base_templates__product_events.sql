-- grain: one file, day, verdict and combination of what events are summed by, of the product_events template
{{ base_export('templates', 'product_events') }}
