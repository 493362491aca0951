"""What a run of landing says: its errors, its report and the lines it prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from postsale.contract import Table

_SHOWN_NAMES = 12


class LandingError(Exception):
    """Landing cannot go on; the message says what is wrong where and what to do, ready to be printed."""


@dataclass(frozen=True)
class LandedFile:
    """One file under the raw folder; counts are null when no table of the contract claims it.

    ``columns`` are the landed names in the order of the file, ``file_bytes`` is the size of the raw file.
    """

    system: str
    table_name: str | None
    file: str
    content_hash: str
    file_bytes: int
    drop_date: date | None = None
    record_count: int | None = None
    malformed_count: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    columns: tuple[str, ...] = ()
    is_unchanged: bool = False


@dataclass(frozen=True)
class LandingReport:
    """What one run of landing did; ``removed`` are the landed files whose raw file or table is gone."""

    files: tuple[LandedFile, ...]
    removed: tuple[str, ...]

    @property
    def record_count(self) -> int:
        return sum(file.record_count or 0 for file in self.files)

    @property
    def malformed_count(self) -> int:
        return sum(file.malformed_count or 0 for file in self.files)

    @property
    def read_count(self) -> int:
        """Number of files that were new or changed, and so were read."""
        return sum(file.table_name is not None and not file.is_unchanged for file in self.files)

    @property
    def unclaimed_files(self) -> tuple[str, ...]:
        return tuple(file.file for file in self.files if file.table_name is None)


def problem_text(problems: Sequence[str]) -> str:
    """The message of a LandingError about raw files: every problem, and what to do."""
    return "\n".join(
        [
            f"Landing stopped: {len(problems)} problem{'s' if len(problems) > 1 else ''} in the raw files.",
            *(f"  - {problem}" for problem in problems),
            "What to do: export the file again with the columns named, or correct its header line.",
            "To go on without an export, move its file out of the raw folder.",
        ]
    )


def table_line(table: Table, files: Sequence[LandedFile]) -> str:
    """One line about a table's landed files."""
    records = sum(file.record_count or 0 for file in files)
    malformed = sum(file.malformed_count or 0 for file in files)
    read = sum(not file.is_unchanged for file in files)
    source = f"{len(files)} file{'s' if len(files) > 1 else ''}"
    how = " (unchanged)" if not read else "" if read == len(files) else f" ({read} read, the rest unchanged)"
    return f"{table.system}.{table.name}: {records:,} rows, {malformed:,} malformed, {source}{how}"


def listed(names: Iterable[str]) -> str:
    """The first names as text, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more
