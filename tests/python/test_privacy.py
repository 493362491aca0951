"""Personal data stays where it came in: no file, page, log or message beyond staging shows any of it, nor the salt of its keys."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest
import yaml

from postsale.contract import SALT, read_contract
from postsale.demo import write_demo
from postsale.demo.canaries import MARK, PERSON
from tests.harness import PROJECT

#: The salt of this company; a file that holds these words gives all its keys away.
GRAINS = "grains-of-sea-5a17"
#: Where people may be read: what came in, what landed, and the build with its staging and quarantine. The build is no reader's.
ALLOWED = ("raw", "out/landed", "out/build/postsale.duckdb")


def run(folder: Path, *arguments: str, salt: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a command of the command line with ``raw`` and ``out`` of a folder, and keeps all it prints."""
    places = ["--raw", str(folder / "raw"), "--out", str(folder / "out")]
    return subprocess.run(
        [sys.executable, "-m", "postsale.cli", *arguments, *places],
        env={**os.environ, SALT: salt}, capture_output=True, text=True, check=False, cwd=PROJECT,
    )  # fmt: skip


def relations(database: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Schema, name and columns of all relations of a DuckDB file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        yield from connection.execute(
            "select table_schema, table_name, list(column_name) from information_schema.columns group by all order by all"
        ).fetchall()


def columns_with(text: str, database: Path, schemas: str = "%") -> set[str]:
    """Columns of a DuckDB file in which a text stands, in whatever case, as ``schema.relation.column``."""
    found = set()
    for schema, name, columns in relations(database):
        if not duckdb.execute("select ? like ?", [schema, schemas]).fetchall()[0][0]:
            continue
        with duckdb.connect(str(database), read_only=True) as connection:
            tests = ", ".join(
                f"coalesce(bool_or(contains(lower(cast(\"{column}\" as varchar)), '{text}')), false)"
                for column in columns
            )
            row = connection.execute(f'select {tests} from "{schema}"."{name}"').fetchone() or ()
        found |= {f"{schema}.{name}.{column}" for column, hit in zip(columns, row, strict=True) if hit}
    return found


def shows(path: Path, text: str) -> bool:
    """Whether a file holds a text, in whatever case: in its bytes, or packed in the columns of a table."""
    content = path.read_bytes().lower()
    if text.encode() in content or text.encode("utf-16-le") in content:
        return True
    if path.suffix == ".duckdb":
        return bool(columns_with(text, path))
    if path.suffix == ".parquet":
        rows = pyarrow.parquet.read_table(path).to_pylist()  # type: ignore[no-untyped-call]
        return text in repr(rows).lower()
    return False


def files_that_show(text: str, folder: Path, allowed: tuple[str, ...] = ()) -> list[str]:
    """All files below a folder that hold a text, but for the allowed places."""
    names = {
        path: path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    return [
        name
        for path, name in names.items()
        if not any(name == place or name.startswith(f"{place}/") for place in allowed) and shows(path, text)
    ]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo company with dirt, from its exports to its pages by one command; what that printed is in ``printed.txt``."""
    folder = tmp_path_factory.mktemp("company")
    write_demo(folder / "raw", 80, 30, 1, True, lambda _line: None)
    result = run(folder, "scorecard", salt=GRAINS)
    assert result.returncode == 0, result.stdout[-1500:] + result.stderr
    (folder / "printed.txt").write_text(result.stdout + result.stderr)
    return folder


def canaries(company: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(  # type: ignore[no-untyped-call]
        company / "raw" / "_ledger" / "canaries.parquet"
    ).to_pylist()
    return rows


def test_every_tagged_column_of_the_demos_exports_is_seeded_and_every_canary_carries_the_mark(
    company: Path,
) -> None:
    seeded = {(row["system"], row["table_name"], row["column_name"]) for row in canaries(company)}
    written = {}
    for path in (company / "raw").glob("*/*.csv"):
        with path.open(encoding="utf-8", errors="replace") as handle:
            written[path.parent.name, path.stem] = re.split(
                "[,;]", handle.readline().strip().lower().replace('"', "")
            )
    tagged = {
        (system.name, table.name, column.name)
        for system in read_contract(PROJECT).values()
        for table in system.tables.values()
        for column in table.columns
        if column.is_personal and column.name in written.get((system.name, table.name), [])
    }
    assert len(tagged) >= 7 and tagged <= seeded
    assert all(MARK in row["value"] for row in canaries(company))


def test_people_are_in_the_build_in_staging_and_quarantine_only(company: Path) -> None:
    """So that the searches below would find them if they went on."""
    build = company / "out" / "build" / "postsale.duckdb"
    found = columns_with(MARK, build)
    assert {
        "staging.stg_qualtrics__question_response.answer_text",
        "staging.stg_qualtrics__survey_embedded_data.field_value",
        "staging.stg_qualtrics__survey_response.recipient_email",
        "staging.stg_salesforce__user.user_name",
        "staging.stg_salesforce__user.user_email",
        "staging.stg_salesforce__opportunity.loss_reason",
        "staging.stg_stripe__customer.customer_name",
        "staging.stg_zuora__subscription.cancel_reason",
    } <= found
    assert {column for column in found if not column.startswith("staging.")} == {
        "marts.dq_rejected_rows.raw_text"
    }
    with duckdb.connect(str(build), read_only=True) as connection:
        kept = connection.execute(
            f"select record_number is null, count(*) from marts.dq_rejected_rows where raw_text like '%{MARK}%' group by 1 order by 1"
        ).fetchall()
    # Rejected rows: two whose columns slipped, one without a key. Malformed lines: too short, too long, an open quote.
    assert kept == [(False, 7), (True, 3)]


def test_no_person_is_in_the_published_files_the_pages_the_logs_or_anything_printed(company: Path) -> None:
    assert files_that_show(MARK, company, ALLOWED) == []
    with duckdb.connect(
        str(company / "out" / "published" / "current" / "postsale.duckdb"), read_only=True
    ) as connection:
        # The rows set aside are listed all the same, without their text.
        assert connection.execute(
            "select count(*) from marts.dq_rejected_rows where reason = 'is_deleted is no boolean; created_date is no timestamp'"
        ).fetchall() == [(1,)]
        # Reasons in words of their own are found again by their record.
        unmapped = connection.execute(
            "select distinct system from marts.dq_findings where finding = 'loss reason is not in the reason map' order by 1"
        ).fetchall()
    assert ("salesforce",) in unmapped


def test_a_failed_build_and_a_refused_file_print_no_person_either(tmp_path: Path) -> None:
    """Half of the users have their columns slipped: names stand where flags and times are due."""
    users = tmp_path / "raw" / "salesforce" / "user.csv"
    users.parent.mkdir(parents=True)
    with users.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "name", "email", "is_active", "created_date"])
        writer.writerows([f"U{n}", PERSON, PERSON, "true", "2026-01-01"] for n in range(10))
        writer.writerows([f"V{n}", PERSON, PERSON, PERSON, PERSON] for n in range(10))
        writer.writerow(["W", PERSON])
    result = run(tmp_path, "scorecard", "--systems", "salesforce")
    printed = result.stdout + result.stderr
    assert result.returncode == 1 and "no_export_is_rejected_beyond_the_threshold" in printed
    assert f"{SALT} is not set" in printed

    users.write_text(f"U1,{PERSON},{PERSON},true,2026-01-01\n")
    refused = run(tmp_path, "land", "--systems", "salesforce")
    assert refused.returncode == 1 and "is its header line missing?" in refused.stderr
    (tmp_path / "printed.txt").write_text(printed + refused.stdout + refused.stderr)
    assert files_that_show(MARK, tmp_path, ALLOWED) == []
    assert files_that_show(MARK, tmp_path, ("raw",)) != []  # it was there to be shown


def test_keys_are_salted_and_the_salt_is_in_no_file_and_nothing_printed(company: Path) -> None:
    key = hashlib.sha256(f"{GRAINS}|not used".encode()).hexdigest()
    with duckdb.connect(str(company / "out" / "build" / "postsale.duckdb"), read_only=True) as connection:
        assert connection.execute(
            f"select loss_reason from intermediate.int_loss_reason_map where reason_key = '{key}'"
        ).fetchall() == [("not_used",)]
        assert connection.execute("select count(*) > 0, count(*) filter (where length(reason_key) <> 64) from intermediate.int_loss_reasons").fetchall() == [(True, 0)]  # fmt: skip
    assert files_that_show(GRAINS, company) == []
    assert f"{SALT} is not set" not in (company / "printed.txt").read_text()


def test_published_files_are_readable_and_not_writable(company: Path) -> None:
    files = [
        path for path in (company / "out" / "published" / "current").resolve().rglob("*") if path.is_file()
    ]
    assert files
    assert {oct(path.stat().st_mode & 0o666) for path in files} == {"0o444"}


# ---- secrets ----------------------------------------------------------------------------------------------------------

NAMES_OF_SECRETS = re.compile(
    r"pass(word|wd)?$|pwd|token|secret|salt|credential|private|(^|_)key(_|$)", re.IGNORECASE
)
LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\b(ghp|gho|ghs|ghu)_[A-Za-z0-9]{20}|\bgithub_pat_\w{20}|\b[sr]k_live_[A-Za-z0-9]{8}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10}|\bAIza[\w-]{35}|\beyJ[\w-]{15,}\.eyJ[\w-]{15}"
    # A name of a secret with a literal; names of environment variables are no secrets.
    r"|\b(?i:password|passwd|pwd|secret|api_?key|access_?token|auth_?token|salt)[\"']?\s*[:=]\s*[\"'](?![A-Z_]+[\"'])[^\"'{}$<>\s]{8,}[\"']"
    r"|://[^/\s:@\"'{}]+:[^/\s:@\"'{}]{3,}@"
)


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """All values of a YAML tree with the name that each stands under."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from leaves(value, str(name))
    elif isinstance(tree, list):
        for value in tree:
            yield from leaves(value, path)
    else:
        yield path, tree


def test_the_profile_takes_every_secret_from_the_environment() -> None:
    secrets = [
        (name, value)
        for name, value in leaves(yaml.safe_load((PROJECT / "profiles.yml").read_text()))
        if NAMES_OF_SECRETS.search(name.replace(".", "_"))
    ]
    assert secrets  # the salt at least
    assert [
        name
        for name, value in secrets
        if not re.fullmatch(r"\{\{ env_var\('DBT_ENV_SECRET_\w+', ''\) \}\}", str(value))
    ] == []


def test_no_file_of_the_project_holds_a_secret() -> None:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()  # fmt: skip
    assert len(names) > 100
    found = []
    for path in (PROJECT / name for name in names):
        if path.is_file() and path.suffix not in {".png", ".lock"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(PROJECT)}: {hit[0][:20]}…" for hit in LOOKS_SECRET.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "literal",
    ["AKIA" + "ABCDEFGHIJKLMNOP", "sk_" + "live_abcdefgh12", "pass" + "word: 'hunter2hunter2'", "postgres://me" + ":mine@host/db"],
)  # fmt: skip
def test_a_secret_would_be_found(literal: str) -> None:
    assert LOOKS_SECRET.search(f"value {literal} end")
