"""Great Expectations suites for the raw exports and for the marts that are about to be published.

``raw_exports`` and ``marts`` are the suites, ``thresholds.yml`` is what this company takes for normal, ``export_profile`` measures
the exports, ``validation`` runs the suites, ``data_docs`` makes pages of the results. ``postsale.audit`` is the way in.
"""
