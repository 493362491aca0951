"""Dated drops are history: a past ``as_of_date`` builds what was known then, row for row.

A company is delivered month by month. Built from all drops with ``as_of_date`` = D it must equal, in every mart, the company built
from the drops up to D: nothing that arrived later may shine through, whatever it corrects.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from postsale.contract import read_contract
from postsale.demo import write_demo
from tests.golden.random_company import draw
from tests.golden.warehouse import Builder, Row, Warehouse, month_ends
from tests.harness import PROJECT, write_csv

DROPS = tuple(month_ends(date(2024, 11, 1), date(2025, 6, 30)))
VENDOR_DROPS = tuple(month_ends(date(2026, 5, 1), date(2026, 10, 31)))
NOV, DEC, JAN, FEB, MAR, APR, MAY, JUN = DROPS

#: What the account of rows and only it may say of later drops: how many rows they have.
COUNTS_OF_LATER_DROPS = {"dq_row_accounting": ("rows_in", "after_as_of_count"), "dq_rejected_rows": ("raw_text",)}


@dataclass
class Deliveries:
    """The rows of every drop of every export, and lines of text that are no rows."""

    rows: dict[tuple[str, date], list[Row]] = field(default_factory=dict)
    broken_lines: dict[tuple[str, date], str] = field(default_factory=dict)

    def add(self, export: str, day: date, row: Row) -> None:
        self.rows.setdefault((export, day), []).append(row)

    def write(self, raw: Path, until: date) -> Path:
        """Writes the drops up to a day; ``until`` the last one writes them all."""
        for (export, day), rows in self.rows.items():
            if day <= until:
                write_csv(raw / export / f"{day}.csv", rows)
        for (export, day), line in self.broken_lines.items():
            if day <= until:
                with (raw / export / f"{day}.csv").open("a") as file:
                    file.write(line)
        return raw


def contents(warehouse: Warehouse) -> dict[str, set[tuple[Any, ...]]]:
    """Rows of every mart table, without what only the account of rows may tell of later drops."""
    found: dict[str, set[tuple[Any, ...]]] = {}
    for (name,) in warehouse.rows("select table_name from duckdb_tables() where schema_name = 'marts' order by all"):
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


def company_in_drops() -> Deliveries:
    """A random company that is delivered as it grows, and corrected as companies are: late and backwards."""
    company = draw(23, 30)
    for line in company.lines[::4]:
        line.currency = "EUR"
    exports = company.exports()
    exports.exports["templates/customers"][-1]["recorded_date"] = None
    for day, rate in (("2024-01-01", "1.10"), ("2025-01-01", "1.04")):
        exports.rate(day, "EUR", rate)
    deliveries = Deliveries()
    newest: dict[str, dict[str, Row]] = {}
    for export, rows in exports.exports.items():
        key = {"customers": "account_id", "products": "product_id", "contract_lines": "contract_line_id"}.get(export.split("/")[1])
        for row in rows:
            day = next((row[name] for name in ("start_date", "invoice_date", "usage_date", "reason_date", "rate_date") if row.get(name)), NOV)
            drop = next((d for d in DROPS if d >= date.fromisoformat(str(day))), JUN)
            deliveries.add(export, drop, row)
            if key:
                newest.setdefault(export, {})[row[key]] = row

    def correct(table: str, key: str, day: date, **columns: Any) -> None:
        row = {**newest[f"templates/{table}"][key], **columns}
        newest[f"templates/{table}"][key] = row
        deliveries.add(f"templates/{table}", day, row)

    old = [line for line in company.lines if line.start < date(2024, 6, 1) and line.exclusion is None]
    running = [line for line in old if line.end is None and line.mrr > 0]
    priced = [line for line in old if line.mrr > 0 and line.end is not None and line.end > date(2024, 9, 1)]
    correct("contract_lines", priced[0].line_id, FEB, mrr_amount=priced[0].mrr * 2)
    correct("contract_lines", priced[0].line_id, APR, mrr_amount=priced[0].mrr)  # taken back
    correct("contract_lines", priced[1].line_id, MAY, mrr_amount=priced[1].mrr / 2, quantity=1)
    correct("contract_lines", running[0].line_id, APR, end_date="2024-10-15", is_cancelled="true")  # back-dated
    correct("contract_lines", running[1].line_id, MAR, cancel_requested_date="2025-03-10")
    correct("contract_lines", running[2].line_id, JUN, currency="EUR")
    names = list(company.customers)
    correct("customers", names[3], JAN, parent_account_id=names[4])
    correct("customers", names[3], MAY, parent_account_id=names[5])
    correct("customers", names[6], APR, segment="Enterprise", region="APAC", channel="partner")
    correct("customers", names[7], MAR, merged_into_account_id=names[8])
    correct("customers", names[9], MAY, is_deleted="true")
    correct("customers", names[10], DEC, industry="Mining")  # a column that no earlier drop has
    correct("products", "server", JUN, product_family="suite", tier_rank=3)
    deliveries.add("templates/exchange_rates", MAR, {"rate_date": "2025-01-01", "from_currency": "EUR", "to_currency": "USD", "rate": "1.2", "rate_type": "spot"})
    deliveries.add("templates/invoice_lines", APR, {"invoice_line_id": "LATE", "account_id": names[0], "invoice_date": "2024-12-03", "amount": 900, "charge_type": "one_time", "licence_model": "perpetual"})
    deliveries.add("templates/opportunities", FEB, {"opportunity_id": "O1", "account_id": names[1], "close_date": "2022-02-01", "is_won": "true", "channel": "direct"})
    deliveries.add("templates/contract_lines", FEB, {"contract_line_id": "BAD", "account_id": names[2], "start_date": "soon", "mrr_amount": "1"})
    deliveries.add("templates/contract_lines", MAY, {"contract_line_id": "BAD", "account_id": names[2], "start_date": "2024-09-01", "mrr_amount": "77"})
    deliveries.add("templates/no_such_table", APR, {"what": "is this"})
    deliveries.broken_lines["templates/customers", MAY] = 'one,"field too few\n'
    return deliveries


@dataclass
class Replay:
    """One set of drops, built in full or in part."""

    build: Builder
    folder: Path
    deliveries: Deliveries
    systems: tuple[str, ...]
    last: date
    built: dict[tuple[date, date | None], Warehouse] = field(default_factory=dict)

    def known_on(self, day: date, as_of: date | None) -> Warehouse:
        """Built from the drops up to ``day``."""
        if (day, as_of) not in self.built:
            raw = self.folder / str(day)
            if not raw.exists():
                self.deliveries.write(raw, day)
            self.built[day, as_of] = self.build.from_raw(raw, self.systems, as_of_date=as_of)
        return self.built[day, as_of]

    def replayed_to(self, day: date) -> Warehouse:
        """Built from all drops, as of ``day``."""
        return self.known_on(self.last, as_of=day)


@pytest.fixture(scope="module")
def months(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return Replay(build, tmp_path_factory.mktemp("drops"), company_in_drops(), ("templates",), JUN)


@pytest.mark.parametrize("day", DROPS[:-1], ids=str)
def test_a_past_day_builds_what_was_known_then(months: Replay, day: date) -> None:
    assert_same(months.known_on(day, as_of=day), months.replayed_to(day))


@pytest.mark.parametrize("day", (DEC, MAY), ids=str)
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
    assert later.one("select is_present from marts.dq_columns where table_name = 'customers' and column_name = 'industry'")
    assert not months.replayed_to(NOV).one("select is_present from marts.dq_columns where table_name = 'customers' and column_name = 'industry'")


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
                deliveries.add(f"{system}/{path.stem}", rng.choice([d for d in VENDOR_DROPS if d < drop]), earlier)
    return deliveries


@pytest.fixture(scope="module")
def vendors(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    folder = tmp_path_factory.mktemp("vendors")
    write_demo(folder / "demo", 30, 14, 3, False, lambda _line: None)
    yield Replay(build, folder, vendor_drops(folder / "demo"), ("salesforce", "stripe", "templates", "zuora"), VENDOR_DROPS[-1])
    shutil.rmtree(folder)


@pytest.mark.parametrize("day", (VENDOR_DROPS[2],), ids=str)
def test_vendor_exports_are_replayed_as_exactly(vendors: Replay, day: date) -> None:
    assert_same(vendors.known_on(day, as_of=day), vendors.replayed_to(day))
