"""One run of landing: finds the files, looks at all of them, then lands what changed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from postsale import disk
from postsale.contract import ContractError, System, read_contract
from postsale.landing.convert import convert
from postsale.landing.files import RawFile, content_hash, find_files
from postsale.landing.layout import Layout, inspect
from postsale.landing.report import (
    LandedFile,
    LandingError,
    LandingReport,
    listed,
    problem_text,
    table_line,
)
from postsale.landing.store import LANDING_FOLDER, Store
from postsale.landing.text import UnreadableError
from postsale.landing.workspace import Workspace, open_workspace

# What is wrong with one file, as against its disk.
_FILE_ERRORS = (UnreadableError, EOFError, zlib.error, gzip.BadGzipFile, duckdb.Error)


@dataclass(frozen=True)
class _Plan:
    """A claimed file with its earlier landing, if it is unchanged, else the way to read it."""

    raw_file: RawFile
    content_hash: str
    found: LandedFile | Layout


def land(
    raw: Path,
    out: Path,
    systems: list[str],
    project: Path,
    echo: Callable[[str], None] = print,
) -> LandingReport:
    """Brings the exports of `systems` in `raw` into ``out/landed`` as Parquet, by the contract of `project`.

    Only new and changed files are read; landed files without a raw file are removed. All files are looked at
    before the first is written: one LandingError names every problem there is, and what was landed stays.
    """
    contract = _contract_of(systems, project)
    landed = out / "landed"
    try:
        # Beside the finished files, so that moving one is a single step.
        with open_workspace(landed / LANDING_FOLDER / "tmp") as work:
            return _Run(contract, raw, Store(landed, work), work, echo).report()
    except OSError as error:
        why = disk.reason(error, landed) or f"{error.filename or landed}: {error.strerror or error}"
        raise LandingError(f"Landing stopped: {why}") from error


def _contract_of(systems: Sequence[str], project: Path) -> list[System]:
    try:
        contract = read_contract(project)
    except ContractError as error:
        raise LandingError(
            f"Landing stopped: the contract of the exports cannot be used.\n  {error}"
        ) from error
    unknown = [system for system in systems if system not in contract]
    if unknown:
        raise LandingError(
            f"Landing stopped: no contract for the system {listed(unknown)}.\n"
            f"Known systems: {listed(sorted(contract)) or 'none'}. "
            "Correct the list of systems, or write models/staging/<system>/_<system>__sources.yml."
        )
    return [contract[system] for system in dict.fromkeys(systems)]


@dataclass(frozen=True)
class _Run:
    """What the steps of one run share."""

    contract: Sequence[System]
    raw: Path
    store: Store
    work: Workspace
    echo: Callable[[str], None]

    def report(self) -> LandingReport:
        """Lands everything and says what was done."""
        plans, unclaimed = self._look_at_all()
        files = [*self._land_tables(plans), *unclaimed]
        files.sort(key=lambda file: (file.system, file.file))
        removed = self.store.remove_stale(self.contract, files)
        self.store.write_tables(self.contract, files)
        for system in self.contract:
            self._echo_system(system, files)
        self._echo_other_folders()
        return LandingReport(tuple(files), removed)

    def _look_at_all(self) -> tuple[list[_Plan], list[LandedFile]]:
        """A plan for every claimed file, and the files that no table claims."""
        problems: list[str] = []
        plans: list[_Plan] = []
        unclaimed: list[LandedFile] = []
        for system in self.contract:
            for file in find_files(self.raw, system, problems):
                if isinstance(file, LandedFile):
                    unclaimed.append(file)
                    continue
                try:
                    plan = self._plan(file)
                except _FILE_ERRORS as error:
                    problems.append(f"{file.file}: {_first_line(error)}")
                    continue
                problems += _missing_columns(file, plan.found.columns)
                plans.append(plan)
        if problems:
            raise LandingError(problem_text(problems))
        return plans, unclaimed

    def _plan(self, raw_file: RawFile) -> _Plan:
        digest = content_hash(raw_file.path)
        found = self.store.unchanged(raw_file, digest) or inspect(raw_file, self.work)
        return _Plan(raw_file, digest, found)

    def _land_tables(self, plans: Sequence[_Plan]) -> Iterator[LandedFile]:
        for system in self.contract:
            for table in system.tables.values():
                self.store.write_contract(table)
                files = [self._land_file(plan) for plan in plans if plan.raw_file.table == table]
                if files:
                    self.echo(table_line(table, files))
                yield from files

    def _land_file(self, plan: _Plan) -> LandedFile:
        if isinstance(plan.found, LandedFile):
            return plan.found
        try:
            counts = convert(plan.raw_file, plan.found, self.work)
        except _FILE_ERRORS as error:
            if disk.reason(str(error), self.work.folder):
                raise  # not the file's fault
            raise LandingError(problem_text([f"{plan.raw_file.file}: {_first_line(error)}"])) from error
        return self.store.keep(plan.raw_file, plan.content_hash, plan.found, counts)

    def _echo_system(self, system: System, files: Sequence[LandedFile]) -> None:
        mine = [file for file in files if file.system == system.name]
        absent = [name for name in system.tables if name not in {file.table_name for file in mine}]
        unclaimed = [file.file for file in mine if file.table_name is None]
        if absent:
            self.echo(f"{system.name}: no export of {listed(absent)}")
        if unclaimed:
            self.echo(f"{system.name}: no table claims {listed(unclaimed)}")

    def _echo_other_folders(self) -> None:
        folders = [path.name for path in sorted(self.raw.glob("*")) if path.is_dir() and path.name[0] != "."]
        others = [name for name in folders if name not in {system.name for system in self.contract}]
        if others:
            self.echo(f"not read, no system in use: {listed(others)}")


def _missing_columns(raw_file: RawFile, columns: Sequence[str]) -> Iterator[str]:
    """A problem for each required column that a file lacks; a file without any column is an empty export."""
    table = raw_file.table
    if not columns:
        return
    missing = [column for column in table.required_columns if column.name not in columns]
    for column in missing:
        need = f", needed by {column.needed_by}" if column.needed_by else ""
        yield f"{table.system}.{table.name}, {raw_file.file}: required column {column.name} is missing{need}"
    if table.columns and not set(columns) & set(table.column_names):
        # What was read as names may be the first record, with people in it: it is counted, not shown.
        yield (
            f"{table.system}.{table.name}, {raw_file.file}: none of its {len(columns)} columns is one of the contract; "
            "is its header line missing?"
        )
    elif missing:
        yield f"{table.system}.{table.name}, {raw_file.file}: the columns found are {listed(columns)}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
