-- grain: one file, day, verdict and combination of what events are summed by, of the Pendo feature event export
{{ base_export('pendo', 'feature_event') }}
