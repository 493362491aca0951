"""The same for the exports of vendors: the demo company, with rows of some customers spoilt in every table."""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from postsale.demo import write_demo
from postsale.landing import land
from tests.fuzz.mutations import NASTY_NAMES
from tests.harness import PROJECT, run_models

SYSTEMS = ("salesforce", "stripe", "zuora", "templates")
CUSTOMERS, MONTHS, SEED = 60, 16, 5
AS_OF = "2026-10-31"
CASES_A_BUILD = 24
CASES = int(os.environ.get("POSTSALE_FUZZ_CASES", "300")) // 4

#: The column by which a row belongs to the row of another table, or to an account itself.
OWNERS = {
    "salesforce": {
        "account": "account.id",
        "contract": "account.account_id",
        "opportunity": "account.account_id",
        "opportunity_line_item": "opportunity.opportunity_id",
        "order": "account.account_id",
    },
    "stripe": {
        "customer": "customer.id",
        "subscription_history": "customer.customer_id",
        "subscription_item": "subscription_history.subscription_id",
        "invoice": "customer.customer_id",
        "invoice_line_item": "invoice.invoice_id",
        "subscription_discount": "subscription_history.subscription_id",
    },
    "zuora": {
        "account": "account.id",
        "subscription": "account.account_id",
        "rate_plan": "subscription.subscription_id",
        "rate_plan_charge": "rate_plan.rate_plan_id",
        "invoice": "account.account_id",
        "invoice_item": "invoice.invoice_id",
        "amendment": "subscription.subscription_id",
    },
}
TABLES = [(system, table) for system, owners in OWNERS.items() for table in owners]

BAD_VALUES = (
    "", " ", "maybe", "2024-02-30", "31/12/2025", "0001-01-01", "1900-01-01", "9999-12-31", "2026-05-05T25:00:00Z", "-1", "0", "1.5", "1,234.56",
    "1e400", "NaN", "999999999999", "999999999999999999999", "-100000000000", "0.000001", "true", "xxx", "XYZ", "{broken json", "[]", '{"a": 1}',
    "null", "2026-13-01 00:00:00", "deleted", "active", "year", "day", *NASTY_NAMES,
)  # fmt: skip

Export = dict[tuple[str, str], list[dict[str, str]]]
Prints = dict[str, dict[str, str]]

MARTS = (
    "dim_customers",
    "bdg_customer_systems",
    "fct_customer_months",
    "fct_product_family_months",
    "fct_recurring_revenue_months",
    "fct_retention",
    "fct_retention_by_product_family",
    "fct_revenue_changes",
)


@dataclass(frozen=True, repr=False)
class Demo:
    """The clean demo company: its files, rows and owners, and what the marts say of each customer."""

    raw: Path
    rows: Export
    owners: dict[tuple[str, str], list[str | None]]
    customers: dict[str, str]
    numbers: Prints


def build(raw: Path, out: Path, cache: Path) -> duckdb.DuckDBPyConnection:
    land(raw, out, list(SYSTEMS), PROJECT, lambda _line: None)
    return run_models(out, SYSTEMS, cache, as_of_date=AS_OF, min_denominator=1, min_coverage=0)


def numbers(connection: duckdb.DuckDBPyConnection) -> Prints:
    """A fingerprint of every row about every customer, by customer and mart."""
    query = " union all ".join(
        f"select customer_id, '{mart}', concat(count(*), ' rows ', sum(hash(cast(line as varchar)))) from marts.{mart} as line group by 1"
        for mart in MARTS
    )
    result: Prints = {}
    for customer, mart, text in connection.execute(query).fetchall():
        result.setdefault(customer, {})[mart] = text
    return result


def owners_of(rows: Export) -> dict[tuple[str, str], list[str | None]]:
    """The account key behind every row of every table, found through the keys that lead to it."""
    result: dict[tuple[str, str], list[str | None]] = {}
    for system, table in TABLES:
        parent, column = OWNERS[system][table].split(".")
        ids = [row[column] for row in rows[system, table]]
        if parent in {"account", "customer"}:
            result[system, table] = [f"{system}:{account}" if account else None for account in ids]
        else:
            known = {
                row["id"]: owner
                for row, owner in zip(rows[system, parent], result[system, parent], strict=True)
            }
            result[system, table] = [known.get(account) for account in ids]
    return result


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "raw", CUSTOMERS, MONTHS, SEED, False, lambda _line: None)
    rows: Export = {}
    for system, table in TABLES:
        with (folder / "raw" / system / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            rows[system, table] = list(csv.DictReader(file))
    with build(folder / "raw", folder / "out", model_cache) as connection:
        found = numbers(connection)
        customers = dict(
            connection.execute("select account_key, customer_id from marts.bdg_customer_systems").fetchall()
        )
    return Demo(folder / "raw", rows, owners_of(rows), customers, found)


@pytest.fixture
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="postsale-fuzz-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Spoilt:
    """One row, and how it is spoilt."""

    table: tuple[str, str]
    row: int
    how: str
    column: int
    value: str


@st.composite
def spoilt_rows(draw: st.DrawFn) -> Spoilt:
    return Spoilt(
        draw(st.sampled_from(TABLES)),
        draw(st.integers(0, 999)),
        draw(
            st.sampled_from(
                ("value", "value", "value", "drop", "repeat", "contradict", "shift", "ragged", "quote")
            )
        ),
        draw(st.integers(0, 99)),
        draw(st.sampled_from(BAD_VALUES)),
    )


def spoil(demo: Demo, raw: Path, cases: list[Spoilt]) -> tuple[set[str], dict[str, int]]:
    """Writes the spoilt files; returns the customers touched, and how many records each export then has."""
    touched: set[str] = set()
    expected: dict[str, int] = {}
    for system, table in sorted({case.table for case in cases}):
        rows = demo.rows[system, table]
        names = list(rows[0])
        lines: list[list[str]] = [[_line([row[name] for name in names])] for row in rows]
        for case in cases:
            if case.table != (system, table):
                continue
            index, at = case.row % len(rows), case.column % len(names)
            owner = demo.owners[system, table][index]
            if owner is None or owner not in demo.customers or len(lines[index]) != 1:
                continue
            touched.add(demo.customers[owner])
            values = [rows[index][name] for name in names]
            spoilt = [*values[:at], case.value, *values[at + 1 :]]
            lines[index] = {
                "value": [_line(spoilt)],
                "drop": [],
                "repeat": [_line(values), _line(values)],
                "contradict": [_line(values), _line(spoilt)],
                "shift": [_line([*values[1:], ""])],
                "ragged": [_line(values[:-1])],
                "quote": ['"' + _line(values[1:])],
            }[case.how] or [""]
        header = _line(names)
        text = "\n".join([header, *(line for part in lines for line in part if line)]) + "\n"
        (raw / system / f"{table}.csv").write_text(text, encoding="utf-8", newline="")
        expected[f"{system}/{table}"] = sum(bool(line) for part in lines for line in part)
    return touched, expected


def _line(values: list[str]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="").writerow(values)
    return stream.getvalue()


@settings(
    deadline=None, database=None, derandomize=CASES <= 250, print_blob=True, suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink), max_examples=max(2, CASES // CASES_A_BUILD),
)  # fmt: skip
@given(cases=st.lists(spoilt_rows(), min_size=1, max_size=2 * CASES_A_BUILD), seed=st.integers(0, 9999))
def test_spoilt_rows_of_vendors_touch_nobody_else(
    cases: list[Spoilt], seed: int, demo: Demo, scratch: Path, model_cache: Path
) -> None:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    shutil.copytree(demo.raw, folder / "raw")
    # Few customers at a time: nearly all must be left to be unchanged.
    few = set(random.Random(seed).sample(sorted(demo.numbers), CUSTOMERS // 4))
    cases = [case for case in cases if _customer(demo, case) in few]
    touched, expected = spoil(demo, folder / "raw", cases)
    with build(folder / "raw", folder / "out", model_cache) as connection:
        found = numbers(connection)
        unbalanced = connection.execute(
            "select * from marts.dq_row_accounting where not is_balanced"
        ).fetchall()
        unnamed = connection.execute(
            "select * from marts.dq_rejected_rows where file is null or reason is null"
        ).fetchall()
        landed = connection.execute(
            "select concat(system, '/', table_name), rows_in from marts.dq_row_accounting"
        ).fetchall()
    shutil.rmtree(folder)
    assert not unbalanced and not unnamed
    assert expected.items() <= dict(landed).items()
    changed = {
        f"{customer} {mart}: {found.get(customer, {}).get(mart)} instead of {text}"
        for customer, prints in demo.numbers.items()
        for mart, text in prints.items()
        if customer not in touched and found.get(customer, {}).get(mart) != text
    }
    assert not changed, f"untouched customers changed: {sorted(changed)}, touched {sorted(touched)}, {cases}"
    print(f"{len(cases)} spoilt rows of {len(touched)} customers", flush=True)


def _customer(demo: Demo, case: Spoilt) -> str | None:
    owners = demo.owners[case.table]
    return demo.customers.get(owners[case.row % len(owners)] or "")
