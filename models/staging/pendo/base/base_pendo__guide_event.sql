-- grain: one file, day, verdict and combination of what events are summed by, of the Pendo guide event export
{{ base_export('pendo', 'guide_event') }}
