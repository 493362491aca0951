-- grain: one file, day, verdict and combination of what events are summed by, of the Pendo event export
{{ base_export('pendo', 'event') }}
