"""Fixtures of tests that look at the demo company."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.python.demo_company import SEEDS, open_company


@pytest.fixture(scope="session", params=SEEDS)
def company(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demo company as it is built, with the simulator's ledger beside it: once with clean exports, once with dirt in them."""
    with open_company(request.param) as connection:
        yield connection
