"""Lands and builds one company with many dirty customers in it, and says which promises were broken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from postsale.landing import land
from tests.fuzz.company import (
    AS_OF,
    FLAVOURS,
    ID_PREFIX,
    Numbers,
    Rows,
    company,
    csv_text,
    merged,
    numbers,
    shared_rows,
)
from tests.fuzz.mutations import Dirty
from tests.harness import PROJECT, run_models

#: Two of each flavour, and enough of them that no case is more than a small part of the company.
CONTROLS = 24


@dataclass(frozen=True, repr=False)
class Case:
    """One dirty company, as drawn."""

    name: str
    number: int
    flavour: int
    dirty: Dirty

    @property
    def prefix(self) -> str:
        return f"D{self.number:04d}"

    def __repr__(self) -> str:
        return self.name

    def files(self) -> dict[str, bytes]:
        """The dirty files by their name; each is a drop of its own day, so that no two cases share one."""
        result = {}
        for ending, content in self.dirty.files.items():
            day = date(2000, 1, 1) + timedelta(days=2 * self.number + ending.count("+"))
            data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
            result[f"{self.dirty.table}/{day}{ending.replace('+', '')}"] = data
        return result


def build(folder: Path, cases: Sequence[Case], cache: Path) -> duckdb.DuckDBPyConnection:
    """The untouched controls, the dirty cases, and the clean twin of each case that has one."""
    companies = [shared_rows(), *(company(f"K{number:04d}", number % FLAVOURS) for number in range(CONTROLS))]
    for case in cases:
        clean = company(case.prefix, case.flavour)
        rest = {**clean, **case.dirty.other_rows}
        companies.append({table: rows for table, rows in rest.items() if table != case.dirty.table})
        if case.dirty.twin is not None:
            companies.append(_renamed({**rest, **case.dirty.twin}, case.prefix, f"T{case.number:04d}"))
    raw = folder / "raw" / "templates"
    raw.mkdir(parents=True)
    for table, rows in merged(companies).items():
        (raw / f"{table}.csv").write_bytes(csv_text(table, rows).encode("utf-8", "surrogateescape"))
    for case in cases:
        for name, content in case.files().items():
            (raw / name).parent.mkdir(exist_ok=True)
            (raw / name).write_bytes(content)
    land(folder / "raw", folder / "out", ["templates"], PROJECT, lambda _line: None)
    connection = run_models(
        folder / "out", ["templates"], cache, as_of_date=AS_OF, min_denominator=1, min_coverage=0
    )
    files = folder / "out" / "landed" / "_landing" / "files.parquet"
    connection.execute(f"create temp view landed_files as select * from '{files}'")
    return connection


def _renamed(rows: Rows, old: str, new: str) -> Rows:
    return {
        table: [{name: value.replace(old, new) for name, value in row.items()} for row in table_rows]
        for table, table_rows in rows.items()
    }


def broken_promises(
    connection: duckdb.DuckDBPyConnection, cases: Sequence[Case], clean: Numbers
) -> list[str]:
    """One line for every promise that was not kept, with what was drawn."""
    found = numbers(connection)
    problems = [
        f"untouched customer {name} changed: {_difference(found.get(name), clean[name])}"
        for name in sorted(clean)
        if found.get(name) != clean[name]
    ]
    unbalanced = connection.execute(
        "select table_name from marts.dq_row_accounting where not is_balanced"
    ).fetchall()
    problems += [f"rows of {table} are not accounted for" for (table,) in unbalanced]
    fates = _fates(connection)
    reasons = _reasons(connection)
    findings = _findings(connection)
    for case in cases:
        faults = [*_fate_faults(case, fates, reasons), *_finding_faults(case, findings)]
        twin = found.get(f"T{case.number:04d}")
        mine = found.get(case.prefix)
        if case.dirty.twin is not None and mine != twin:
            faults.append(f"numbers differ from those of the clean twin: {_difference(mine, twin)}")
        if faults:
            shown = {name: content[:1500] for name, content in case.files().items()}
            problems.append(f"{case.name} ({case.prefix}): {'; '.join(faults)}\n    {shown}")
    return problems


def _difference(found: object, expected: object) -> str:
    got, wanted = set(found or ()), set(expected or ())  # type: ignore[call-overload]
    return f"{sorted(got - wanted)} instead of {sorted(wanted - got)}"


def _fate_faults(case: Case, fates: dict[str, Counter[str]], reasons: dict[str, list[str]]) -> list[str]:
    total: Counter[str] = Counter()
    given: list[str] = []
    for name in case.files():
        total += fates.get(f"templates/{name}", Counter())
        given += reasons.get(f"templates/{name}", [])
    landed = total.pop("landed", 0)
    faults = []
    if landed != sum(total.values()):
        faults.append(f"{landed} records landed, fates {dict(total)}")
    if case.dirty.fates is not None and total != Counter(
        {name: count for name, count in case.dirty.fates.items() if count}
    ):
        faults.append(f"fates {dict(total)} instead of {dict(case.dirty.fates)} ({given})")
    if len(given) != total["rejected"] + total["malformed"]:
        faults.append(f"{len(given)} reasons for {dict(total)}")
    faults += [f"reason {reason!r}" for reason in given if not re.search(case.dirty.reasons or "^$", reason)]
    return faults


def _finding_faults(case: Case, findings: list[str]) -> list[str]:
    own = [text for text in findings if case.prefix in text or any(name in text for name in case.files())]
    return [
        f"no finding {finding!r}, only {own}"
        for finding in case.dirty.findings
        if not any(re.search(finding, text) for text in own)
    ]


def _fates(connection: duckdb.DuckDBPyConnection) -> dict[str, Counter[str]]:
    """By file: records that landing saw, and how many of them became what."""
    result: dict[str, Counter[str]] = {}
    tables = [
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_name like 'base_templates__%'"
        ).fetchall()
    ]
    for file, records, malformed in connection.execute(_FILES).fetchall():
        result[file] = Counter({"landed": records, "malformed": malformed})
    parts = [f"select _file, _row_status, count(*) from staging.{table} group by all" for table in tables]
    for file, status, count in connection.execute(" union all ".join(parts)).fetchall():
        result[file][status] += count
    return {file: +counts for file, counts in result.items()}


_FILES = "select file, record_count + malformed_count, malformed_count from landed_files"


def _reasons(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for file, reason in connection.execute(
        "select file, reason from marts.dq_rejected_rows where coalesce(record_number, line_number) > 0"
    ).fetchall():
        result.setdefault(file, []).append(reason)
    return result


def _findings(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select finding, detail, subject_id, system from marts.dq_findings").fetchall()
    return [f"{finding}: {detail} [{system} {subject}]" for finding, detail, subject, system in rows]


def clean_numbers(folder: Path, cache: Path) -> Numbers:
    """The numbers of the controls in a company without a dirty customer."""
    return {
        name: prints
        for name, prints in numbers(build(folder, (), cache)).items()
        if re.match(ID_PREFIX, f"{name}-")
    }
