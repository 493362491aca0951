"""Companies that are delivered in dated drops, month by month, and corrected late and backwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.golden.random_company import draw
from tests.golden.warehouse import Builder, Row, Warehouse, month_ends
from tests.harness import write_csv

DROPS = tuple(month_ends(date(2024, 11, 1), date(2025, 6, 30)))
NOV, DEC, JAN, FEB, MAR, APR, MAY, JUN = DROPS


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


def company_in_drops() -> Deliveries:
    """A random company that is delivered as it grows, and corrected as companies are: late and backwards."""
    company = draw(23, 30)
    for line in company.lines[::4]:
        line.currency = "EUR"
    exports = company.exports()
    exports.exports["templates/customers"][-1]["recorded_date"] = None
    for new_year, rate in (("2024-01-01", "1.10"), ("2025-01-01", "1.04")):
        exports.rate(new_year, "EUR", rate)
    deliveries = Deliveries()
    newest: dict[str, dict[str, Row]] = {}
    for export, rows in exports.exports.items():
        key = {"customers": "account_id", "products": "product_id", "contract_lines": "contract_line_id"}.get(
            export.split("/")[1]
        )
        for row in rows:
            recorded: object = next(
                (
                    row[name]
                    for name in ("start_date", "invoice_date", "usage_date", "reason_date", "rate_date")
                    if row.get(name)
                ),
                NOV,
            )
            drop = next((d for d in DROPS if d >= date.fromisoformat(str(recorded))), JUN)
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
    correct(
        "contract_lines", running[0].line_id, APR, end_date="2024-10-15", is_cancelled="true"
    )  # back-dated
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
    deliveries.add(
        "templates/exchange_rates",
        MAR,
        {
            "rate_date": "2025-01-01",
            "from_currency": "EUR",
            "to_currency": "USD",
            "rate": "1.2",
            "rate_type": "spot",
        },
    )
    deliveries.add(
        "templates/invoice_lines",
        APR,
        {
            "invoice_line_id": "LATE",
            "account_id": names[0],
            "invoice_date": "2024-12-03",
            "amount": 900,
            "charge_type": "one_time",
            "licence_model": "perpetual",
        },
    )
    deliveries.add(
        "templates/opportunities",
        FEB,
        {
            "opportunity_id": "O1",
            "account_id": names[1],
            "close_date": "2022-02-01",
            "is_won": "true",
            "channel": "direct",
        },
    )
    deliveries.add(
        "templates/contract_lines",
        FEB,
        {"contract_line_id": "BAD", "account_id": names[2], "start_date": "soon", "mrr_amount": "1"},
    )
    deliveries.add(
        "templates/contract_lines",
        MAY,
        {"contract_line_id": "BAD", "account_id": names[2], "start_date": "2024-09-01", "mrr_amount": "77"},
    )
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
