"""Great Expectations suites for the raw exports and for the marts that are about to be published.

``raw_exports`` and ``marts`` are the suites, ``thresholds.yml`` is what this company takes for normal, ``export_profile`` measures
the exports, ``validation`` runs the suites, ``data_docs`` makes pages of the results. ``postsale.audit`` is the way in.
"""

from __future__ import annotations

import sys

# Great Expectations loads Spark where it is installed. Nothing here runs on it, and pyspark ends an interpreter that has no main file.
if "pyspark" not in sys.modules:
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    import great_expectations  # noqa: F401

    del sys.modules["pyspark"]
