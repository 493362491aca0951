"""Great Expectations suites for the raw exports and for the marts that are about to be published.

``raw_exports`` and ``marts`` are the suites, ``thresholds.yml`` is what this company takes for normal, ``export_profile`` measures
the exports, ``validation`` runs the suites, ``data_docs`` makes pages of the results. ``postsale.audit`` is the way in.
"""

from __future__ import annotations

import sys

# Great Expectations loads Spark where it is installed. Nothing here runs on it, and pyspark ends an interpreter that has no main file:
# it is out of sight meanwhile, also where somebody else has loaded it.
if "great_expectations" not in sys.modules:
    _loaded = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pyspark"}
    sys.modules.update(dict.fromkeys(("pyspark", *_loaded)))  # type: ignore[arg-type]
    import great_expectations  # noqa: F401

    del sys.modules["pyspark"]
    sys.modules.update(_loaded)
