"""Dated drops are history: a past ``as_of_date`` builds what was known then, row for row.

A company is delivered month by month. Built from all drops with ``as_of_date`` = D it must equal, in every mart, the company built
from the drops up to D: nothing that arrived later may shine through, whatever it corrects.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from postsale.contract import read_contract
from postsale.demo import write_demo
from tests.golden.drops import APR, DEC, DROPS, JUN, MAR, MAY, NOV, Deliveries, Replay
from tests.golden.warehouse import Builder, Warehouse, month_ends
from tests.harness import PROJECT

VENDOR_DROPS = tuple(month_ends(date(2026, 5, 1), date(2026, 10, 31)))

#: What the account of rows and only it may say of later drops: how many rows they have.
COUNTS_OF_LATER_DROPS = {
    "dq_row_accounting": ("rows_in", "after_as_of_count"),
    "dq_rejected_rows": ("raw_text",),
}


def contents(warehouse: Warehouse) -> dict[str, set[tuple[Any, ...]]]:
    """Rows of every mart table, without what only the account of rows may tell of later drops."""
    found: dict[str, set[tuple[Any, ...]]] = {}
    for (name,) in warehouse.rows(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by all"
    ):
        hidden = COUNTS_OF_LATER_DROPS.get(name, ())
        cells = f"* exclude ({', '.join(hidden)})" if hidden else "*"
        found[name] = set(warehouse.rows(f"select count(*), {cells} from marts.{name} group by all"))
    return found


def assert_same(known: Warehouse, replayed: Warehouse) -> None:
    """Every mart has the same rows; the message names the mart and some rows of either side."""
    expected, found = contents(known), contents(replayed)
    differing = {
        name: (sorted(map(str, rows - found[name]))[:3], sorted(map(str, found[name] - rows))[:3])
        for name, rows in expected.items()
        if rows != found[name]
    }
    assert not differing
    for warehouse in (known, replayed):
        assert warehouse.rows("select * from marts.dq_row_accounting where not is_balanced") == []


@pytest.mark.parametrize("day", DROPS[:-1], ids=str)
def test_a_past_day_builds_what_was_known_then(months: Replay, day: date) -> None:
    assert_same(months.known_on(day, as_of=day), months.replayed_to(day))


@pytest.mark.parametrize("day", [DEC, MAY], ids=str)
def test_the_exports_of_a_month_end_tell_its_day_themselves(months: Replay, day: date) -> None:
    assert_same(months.known_on(day, as_of=None), months.replayed_to(day))


def test_a_day_between_two_drops_knows_the_earlier_one(months: Replay) -> None:
    day = APR - timedelta(days=9)
    assert_same(months.known_on(MAR, as_of=day), months.replayed_to(day))


def test_later_drops_did_change_the_past(months: Replay) -> None:
    """Else the months above would agree for want of corrections."""
    query = (
        "select period_end, value from marts.fct_metric_values where metric_key = 'arr' and period_grain = 'month'"
        " and dimension = 'all' and period_end <= date '2024-12-31' order by all"
    )
    then, now = (dict(months.replayed_to(day).rows(query)) for day in (DEC, JUN))
    assert sum(value != now[month] for month, value in then.items()) >= 12
    later = months.replayed_to(DEC)
    assert later.one("select sum(after_as_of_count) from marts.dq_row_accounting") > 0
    assert later.one(
        "select is_present from marts.dq_columns where table_name = 'customers' and column_name = 'industry'"
    )
    assert not months.replayed_to(NOV).one(
        "select is_present from marts.dq_columns where table_name = 'customers' and column_name = 'industry'"
    )


def vendor_drops(raw: Path) -> Deliveries:
    """The demo company's vendor exports cut into drops: each row in one of them, every fifth in an earlier version, too.

    The earlier version has cells of another row, so that keys, parents, amounts, dates and flags all change later.
    """
    rng = random.Random(5)
    deliveries = Deliveries()
    contract = read_contract(PROJECT)
    for path in sorted(raw.glob("*/*.csv")):
        system = path.parent.name
        table = contract[system].table_of(path.stem) if system in contract else None
        if table is None:
            continue
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            drop = rng.choice(VENDOR_DROPS)
            deliveries.add(f"{system}/{path.stem}", drop, row)
            if drop > VENDOR_DROPS[0] and rng.random() < 0.2:
                other = rng.choice(rows)
                kept = set(table.key) | set(rng.sample(sorted(row), len(row) // 2))
                earlier = {name: cell if name in kept else other[name] for name, cell in row.items()}
                deliveries.add(
                    f"{system}/{path.stem}", rng.choice([d for d in VENDOR_DROPS if d < drop]), earlier
                )
    return deliveries


@pytest.fixture(scope="module")
def vendors(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    folder = tmp_path_factory.mktemp("vendors")
    write_demo(folder / "demo", 30, 14, 3, False, lambda _line: None)
    yield Replay(
        build,
        folder,
        vendor_drops(folder / "demo"),
        ("salesforce", "stripe", "templates", "zuora"),
        VENDOR_DROPS[-1],
    )
    shutil.rmtree(folder)


@pytest.mark.parametrize("day", [VENDOR_DROPS[2]], ids=str)
def test_vendor_exports_are_replayed_as_exactly(vendors: Replay, day: date) -> None:
    assert_same(vendors.known_on(day, as_of=day), vendors.replayed_to(day))
