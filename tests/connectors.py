"""What the tests of the connectors share: exports of one system, landed, built and tested as ``dbt build`` does it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from postsale.landing import land
from tests.harness import PROJECT, SHARED_DATA, run_models

VENDOR_SAMPLES = SHARED_DATA / "vendor_samples"


def build(root: Path, system: str, cache: Path) -> duckdb.DuckDBPyConnection:
    """Lands ``root/raw`` and builds the models with this system alone; returns an open connection.

    The data tests of the connector's own models have to hold: raises ``RuntimeError``.
    """
    land(root / "raw", root / "out", [system], PROJECT, lambda _line: None)
    return run_models(root / "out", [system], cache, tested=f"_{system}__|__{system}_")


def build_files(root: Path, system: str, files: Iterable[Path], cache: Path) -> duckdb.DuckDBPyConnection:
    """The same for copies of ``files``, unchanged."""
    folder = root / "raw" / system
    folder.mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder)
    return build(root, system, cache)


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return connection.execute(sql).fetchall()
