"""What was published when: first published values of closed periods, and what later changed them."""

from __future__ import annotations

from pathlib import Path

import duckdb


def record(connection: duckdb.DuckDBPyConnection, previous: Path | None, version: str) -> None:
    """Carries the log of published values from ``previous`` into the open candidate and adds what ``version`` changes.

    ``connection`` has the candidate as its main database, schema ``marts`` complete; ``previous`` is the DuckDB file that
    readers have now, None before the first publication. Creates and comments the tables of the log in schema ``marts``.
    """
