"""The demo company, built whole once a seed: what the ledger tests of all themes look at.

Exports, ledger and build are kept under the content of all that they follow from, like compiled projects: whichever worker comes
first builds, the others read. Every table is the one of ``dbt build``; policy is the default but for ``min_denominator: 1``, so that
small groups have values, too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import duckdb

from postsale.demo import SYSTEMS, write_demo
from postsale.landing import land
from tests.harness import PROJECT, project_content, run_models

CUSTOMERS, MONTHS = 150, 36
#: A company with clean exports, and one with dirt in them, which changes nothing that is true.
CLEAN, DIRTY = 3, 4
SEEDS = (CLEAN, DIRTY)

_KEPT = Path(tempfile.gettempdir()) / f"postsale-companies-{os.getuid()}"
#: So many builds of a seed are kept: those of the newest projects.
_KEPT_COUNT = 6


def company_folder(seed: int) -> Path:
    """The folder with ``raw`` (exports and ``_ledger``) and ``out`` (landed and built); it is built if nobody has yet."""
    _KEPT.mkdir(exist_ok=True)
    folder = _KEPT / f"{seed}-{_content()}"
    with (_KEPT / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        complete = folder / "complete"
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _build(folder, seed)
            complete.touch()
        os.utime(folder)
    others = sorted(_KEPT.glob(f"{seed}-*/"), key=lambda path: path.stat().st_mtime)
    for old in others[:-_KEPT_COUNT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


@cache
def _content() -> str:
    """A fingerprint of all that the company follows from."""
    content = hashlib.sha256(f"{project_content()} {CUSTOMERS} {MONTHS}".encode())
    for path in sorted((PROJECT / "postsale").rglob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()[:16]


def open_company(seed: int) -> duckdb.DuckDBPyConnection:
    """The built company, for reading; the schema ``ledger`` has the simulator's truth."""
    return duckdb.connect(str(company_folder(seed) / "out" / "build" / "postsale.duckdb"), read_only=True)


def attach_ledger(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """The ledger that was written with the exports in ``raw``, as views of the schema ``ledger``."""
    connection.execute("create schema ledger")
    for path in sorted((raw / "_ledger").glob("*.parquet")):
        connection.execute(f"create view ledger.{path.stem} as select * from '{path}'")


def _build(folder: Path, seed: int) -> None:
    raw, out = folder / "raw", folder / "out"
    raw.mkdir(parents=True)
    write_demo(raw, CUSTOMERS, MONTHS, seed, seed == DIRTY, lambda _line: None)
    land(raw, out, list(SYSTEMS), PROJECT, lambda _line: None)
    with run_models(out, list(SYSTEMS), folder, tested=".", on_disk=True, min_denominator=1) as connection:
        attach_ledger(connection, raw)
