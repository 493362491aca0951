"""Fixtures that all suites share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which compiled projects are kept for the session: dbt compiles once per set of vars."""
    return tmp_path_factory.mktemp("compiled")
