"""One builder for the whole session: dbt parses once, every company is a second of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.golden.drops import JUN, Replay, company_in_drops
from tests.golden.warehouse import Builder


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Builds a company through the real models: ``build(company, renewal_grace_days=0)``."""
    builder = Builder(tmp_path_factory.mktemp("companies"))
    yield builder
    builder.close()


@pytest.fixture(scope="session")
def months(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """A random company in eight monthly drops with every kind of correction."""
    return Replay(build, tmp_path_factory.mktemp("drops"), company_in_drops(), ("templates",), JUN)
