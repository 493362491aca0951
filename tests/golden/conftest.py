"""One builder for the whole session: dbt parses once, every company is a second of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import harness
from tests.golden.warehouse import Builder, InProcessDbt


@pytest.fixture(scope="session")
def build(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Builds a company through the real models: ``build(company, renewal_grace_days=0)``."""
    builder = Builder(tmp_path_factory.mktemp("companies"), model_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(harness, "subprocess", InProcessDbt())
        yield builder
    builder.close()
