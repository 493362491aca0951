"""A hand-made build of a few marts, the documented ways of reading its published copy, and processes to do so from.

Every table says which build it comes from: an answer that mixes two versions is seen at once.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import duckdb

from postsale.audit import Outcome
from postsale.cli import main
from postsale.publish import publish

ROWS = 2_000
NOBODY = 65534

#: Mart → its columns; ``email`` is personal, ``fct_steps`` is not for readers, ``fct_opened`` is a view.
MARTS = {
    "dim_customers": ("build_number", "customer_id", "email"),
    "fct_months": ("build_number", "customer_id", "amount"),
    "fct_opened": ("build_number", "customer_id", "amount"),
    "fct_steps": ("build_number",),
}
TABLES = ("dim_customers", "fct_months")

#: Starts processes that have everything imported: a publish in one of them takes a fraction of a second.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["pytest", "postsale.cli", "tests.python.small_build"])


def write_build(
    out: Path, number: int, problem: str | None = None, description: str = "It's described."
) -> None:
    """Writes ``out/build`` as a dbt build leaves it: rows, what the build says of itself, and dbt's manifest."""
    folder = out / "build"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "postsale.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(folder / "postsale.duckdb")) as connection:
        connection.execute(
            f"""
            create schema build;
            create schema staging;
            create schema marts;
            create table staging.stg_people as select 'ann@example.org' as email;
            create table marts.dim_customers as
            select {number} as build_number, range as customer_id, 'ann@example.org' as email from range({ROWS});
            create table marts.fct_months as
            select {number} as build_number, {ROWS} - 1 - range as customer_id, cast(range / 100 as decimal(18, 2)) as amount
            from range({ROWS});
            create view marts.fct_opened as
            select months.* from "postsale".marts.fct_months as months inner join "postsale".marts.dim_customers using (customer_id);
            create table marts.fct_steps as select {number} as build_number;
            """
        )
        connection.execute("create table build.outcome (problem varchar, target_path varchar)")
        connection.execute("insert into build.outcome values (?, ?)", [problem, str(folder / "target")])
    nodes = {
        f"model.postsale.{name}": {
            "resource_type": "model",
            "name": name,
            "schema": "marts",
            "description": description,
            "config": {
                "materialized": "view" if name == "fct_opened" else "table",
                "meta": {"published": name != "fct_steps"},
            },
            "columns": {
                column: {
                    "description": description,
                    "config": {"meta": {"personal": True} if column == "email" else {}},
                }
                for column in columns
            },
        }
        for name, columns in MARTS.items()
    }
    (folder / "target").mkdir(exist_ok=True)
    (folder / "target" / "manifest.json").write_text(json.dumps({"nodes": nodes}))


def outcome(severity: Any, is_met: bool) -> Outcome:
    """An expectation on the amounts of fct_months."""
    return Outcome(
        "marts", "no amount is negative", "fct_months", "amount", severity, is_met, None if is_met else "-1", "0 or more"
    )  # fmt: skip


def audit(
    candidate: Path, out: Path, previous: Path | None, docs: Path, echo: Callable[[str], None]
) -> list[Outcome]:
    """An audit that looks at the candidate, writes Data Docs and finds all well."""
    with duckdb.connect(str(candidate), read_only=True) as connection:
        connection.execute("select count(*) from marts.fct_months").fetchone()
    docs.mkdir()
    (docs / "index.html").write_text("<p>All is well.</p>")
    return [outcome("critical", True)]


def record(connection: duckdb.DuckDBPyConnection, previous: Path | None, version: str) -> None:
    """A history of versions alone: carried on from what readers had, and one row more."""
    connection.execute("create table marts.fct_publications (version varchar)")
    connection.execute("comment on table marts.fct_publications is 'It''s described.'")
    connection.execute("comment on column marts.fct_publications.version is 'It''s described.'")
    if previous is not None:
        connection.execute(f"attach '{previous}' as previous (read_only)")
        connection.execute("insert into marts.fct_publications from previous.marts.fct_publications")
        connection.execute("detach previous")
    connection.execute("insert into marts.fct_publications values (?)", [version])


def publish_small(out: Path, keep: int = 3) -> None:
    """One publication of the small build."""
    publish(out, echo=_silent, keep=keep, audit=audit, record=record)


def command_line(arguments: list[str]) -> tuple[int, str]:
    """Runs the command line in this process; returns its code and what it wrote to standard error."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        code = main(arguments)
    return code, errors.getvalue().strip()


def _silent(_line: str) -> None:
    pass


def current(out: Path) -> Path:
    """What readers of DuckDB open."""
    return out / "published" / "current" / "postsale.duckdb"


def read_duckdb(out: Path) -> set[int]:
    """Build numbers in one answer over several tables and a view of the file behind the link."""
    with duckdb.connect(str(current(out)), read_only=True, config={"threads": 1}) as connection:
        found: set[int] = set()
        for name in ("dim_customers", "fct_months", "fct_opened"):
            count, numbers = _only(connection, f"marts.{name}")
            assert count == ROWS, f"{count} rows in {name}"
            found |= numbers
        return found


def read_parquet(out: Path) -> set[int]:
    """Build numbers in one answer over all Parquet files: the link is resolved once, then files are opened below it."""
    folder = (out / "published" / "current").resolve() / "parquet"
    with duckdb.connect(config={"threads": 1}) as connection:
        found: set[int] = set()
        for name in TABLES:
            count, numbers = _only(connection, f"read_parquet('{folder}/{name}.parquet')")
            assert count == ROWS, f"{count} rows in {name}"
            found |= numbers
        return found


def open_file(out: Path) -> set[int]:
    """The number of the version whose file opens: thousands of looks a second at the link."""
    for _ in range(200):
        with current(out).open("rb") as file:
            assert file.read(12)[8:] == b"DUCK"
    return {int(os.readlink(out / "published" / "current")[1:])}


def _only(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, set[int]]:
    row = connection.execute(f"select count(*), list(distinct build_number) from {relation}").fetchone()
    assert row is not None
    return int(row[0]), set(row[1])


@dataclass
class Read:
    """What a looping reader has seen."""

    reads: int = 0
    builds: set[int] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


def read_until_told(out: Path, way: Callable[[Path], set[int]], stop: Any, answer: Connection) -> None:
    """Reads without a pause until ``stop`` is set, then sends what was seen."""
    seen = Read()
    while not stop.is_set():
        try:
            builds = way(out)
            if len(builds) != 1:
                seen.errors.append(f"builds {sorted(builds)} in one answer")
            seen.builds |= builds
        except Exception as error:
            seen.errors.append(f"{type(error).__name__}: {error}")
        seen.reads += 1
    answer.send(seen)


@dataclass(frozen=True)
class Ended:
    """How a function called in another process ended: its result or the text of what it raised."""

    result: Any = None
    error: str | None = None


def call(
    function: Callable[..., Any], *arguments: Any, user: int | None = None, file_bytes: int | None = None
) -> Ended:
    """Calls a function in a process of its own: as another user, or on a disk that takes no file larger than ``file_bytes``."""
    here, there = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_answer, args=(there, user, file_bytes, function, arguments))
    process.start()
    there.close()
    try:
        ended: Ended = here.recv()
        return ended
    finally:
        process.join()


def _answer(
    answer: Connection, user: int | None, file_bytes: int | None, function: Callable[..., Any], arguments: Any
) -> None:
    if user is not None and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    if file_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    try:
        answer.send(Ended(function(*arguments)))
    except BaseException as error:
        answer.send(Ended(error=f"{type(error).__name__}: {error}"))


def killed_after(seconds: float, function: Callable[..., Any], *arguments: Any) -> bool:
    """Calls a function in a process of its own and kills that ``seconds`` after it began; False if it had ended by itself."""
    here, there = PROCESSES.Pipe(duplex=False)
    process: ForkServerProcess = PROCESSES.Process(target=_begin, args=(there, function, arguments))
    process.start()
    here.recv()  # it has begun
    process.join(seconds)
    was_alive = process.is_alive()
    process.kill()
    process.join()
    assert was_alive or process.exitcode == 0, f"ended with {process.exitcode}"
    return was_alive


def _begin(there: Connection, function: Callable[..., Any], arguments: Any) -> None:
    there.send("begun")
    function(*arguments)
