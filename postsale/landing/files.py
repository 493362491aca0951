"""The files under the raw folder, and the table of the contract that claims each."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from postsale.contract import System, Table
from postsale.landing.report import LandedFile

_KINDS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
}


@dataclass(frozen=True)
class RawFile:
    """A raw file that `table` claims; `file` is its path from the raw folder on, with slashes."""

    path: Path
    file: str
    table: Table
    drop_date: date | None = None


def find_files(raw: Path, system: System, problems: list[str]) -> Iterator[RawFile | LandedFile]:
    """All files of a system but hidden ones, by path; a LandedFile for one that no table claims.

    What is wrong with a file's name is added to `problems`. Raises OSError for what cannot be read.
    """
    top = raw / system.name
    for path in _paths_under(top):
        parts = [_as_text(part) for part in path.relative_to(top).parts]
        file = "/".join([system.name, *parts])
        is_drop = len(parts) == 2
        claimed_name = parts[0] if is_drop else _stem_of(path)
        table = system.table_of(claimed_name) if kind_of(path) and len(parts) <= 2 else None
        drop_date = _drop_date(_stem_of(path)) if is_drop else None
        if table is None:
            yield LandedFile(system.name, None, file, content_hash(path), path.stat().st_size, drop_date)
        elif is_drop and drop_date is None:
            # Undated, an old drop could win over a newer one; left out, its rows would be lost unseen.
            problems.append(f"{file}: a drop is named by its day, such as {parts[0]}/2026-10-31.csv")
        else:
            yield RawFile(path, file, table, drop_date)


def kind_of(path: Path) -> str | None:
    """How a file is read, by its ending: delimited, json, parquet or null for not at all."""
    kind = _KINDS.get(ending_of(path))
    return None if kind == "parquet" and path.suffix.lower() == ".gz" else kind


def ending_of(path: Path) -> str:
    """The ending of a file in lower case, without that of gzip."""
    return _plain_path(path).suffix.lower()


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _paths_under(top: Path) -> list[Path]:
    """All files below a folder but hidden ones, through links; none when there is no such folder."""

    def stop(error: OSError) -> None:
        raise error

    found: list[Path] = []
    for folder, folders, names in os.walk(top, followlinks=True, onerror=stop if top.is_dir() else None):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    # A link to nothing is kept: opening it tells the user, leaving it out would not.
    return sorted(path for path in found if path.is_file() or path.is_symlink())


def _as_text(name: str) -> str:
    """The name of a file, whose bytes need not be UTF-8, as text that can be landed."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _plain_path(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def _stem_of(path: Path) -> str:
    return _plain_path(path).stem.lower()


def _drop_date(stem: str) -> date | None:
    try:
        return date.fromisoformat(stem) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", stem) else None
    except ValueError:
        return None
