"""Builders: every company is a second of DuckDB and open while its module runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.golden.drops import JUN, Replay, company_in_drops
from tests.golden.warehouse import Builder


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Builds a company through the real models: ``build(company, renewal_grace_days=0)``."""
    builder = Builder(tmp_path_factory.mktemp("companies"))
    yield builder
    builder.close()


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """A random company in eight monthly drops with every kind of correction."""
    builder = Builder(tmp_path_factory.mktemp("replays"))
    yield Replay(builder, tmp_path_factory.mktemp("drops"), company_in_drops(), ("templates",), JUN)
    builder.close()
