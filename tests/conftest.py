"""Fixtures that all suites share, and the order of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

#: Files that take longest: workers begin with them, so that none is left alone with one at the end.
LONGEST = (
    "test_two_engines",
    "test_policies",
    "test_dirt",
    "test_crashes",
    "test_vendor_dirt",
    "test_end_to_end",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, all others in their order."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which compiled projects are kept for the session: dbt compiles once per set of vars."""
    return tmp_path_factory.mktemp("compiled")
