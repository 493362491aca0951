"""One builder for the whole session: dbt parses once, every company is a second of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.golden.warehouse import Builder


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Builds a company through the real models: ``build(company, renewal_grace_days=0)``."""
    builder = Builder(tmp_path_factory.mktemp("companies"))
    yield builder
    builder.close()
