"""Expectations on the raw exports and on the marts that are about to be published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Outcome:
    """What one expectation found. ``severity`` critical stops publishing, warning is shown to readers."""

    suite: str
    expectation: str
    relation: str
    column: str | None
    severity: Literal["critical", "warning"]
    is_met: bool
    observed: str | None
    expected: str


def audit(
    candidate: Path, out: Path, previous: Path | None, docs: Path, echo: Callable[[str], None] = print
) -> list[Outcome]:
    """Checks what landed in ``out`` and the finished ``candidate`` file (never written to), and writes Data Docs to ``docs``.

    ``previous`` is the DuckDB file that readers have now, None before the first publication.
    """
    return []
