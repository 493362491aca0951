"""Small companies as template exports, and what the built marts say about them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from postsale.landing import land
from tests import harness

Row = dict[str, Any]

#: Clarifications, section A: the settings of every known answer unless it says otherwise.
SETTINGS: Mapping[str, Any] = {"as_of_date": "2025-06-30", "min_denominator": 1, "min_coverage": 0}


def six(value: str | float | Decimal | None) -> Decimal | None:
    """The value as the marts keep it: six places, half up."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


@dataclass
class Company:
    """Rows of the template exports of one company."""

    exports: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **columns: Any) -> Company:
        """One row of any export."""
        self.exports.setdefault(f"templates/{table}", []).append(columns)
        return self

    def customer(self, account_id: str, segment: str | None = None, **columns: Any) -> Company:
        return self.add("customers", account_id=account_id, segment=segment, **columns)

    def line(
        self,
        account_id: str,
        start: str,
        end: str | None,
        mrr: Any = None,
        *,
        product: str = "core",
        **columns: Any,
    ) -> Company:
        """A contract line; its id counts up unless it is given."""
        number = len(self.exports.get("templates/contract_lines", ())) + 1
        row = {"contract_line_id": f"L{number}", "product_id": product, **columns}
        return self.add(
            "contract_lines", account_id=account_id, start_date=start, end_date=end, mrr_amount=mrr, **row
        )

    def invoice(self, account_id: str, day: str, amount: Any, charge_type: str, **columns: Any) -> Company:
        number = len(self.exports.get("templates/invoice_lines", ())) + 1
        row = {"invoice_line_id": f"I{number}", **columns}
        return self.add(
            "invoice_lines",
            account_id=account_id,
            invoice_date=day,
            amount=amount,
            charge_type=charge_type,
            **row,
        )

    def rate(
        self, day: str, from_currency: str, rate: Any, to_currency: str = "USD", kind: str = "spot"
    ) -> Company:
        return self.add(
            "exchange_rates", rate_date=day, from_currency=from_currency, to_currency=to_currency, rate=rate, rate_type=kind
        )  # fmt: skip

    def segment_of(self, example: str, *accounts: str) -> Company:
        """Customers of one example, kept apart from the others by their segment."""
        for account in accounts:
            self.customer(account, segment=example)
        return self


@dataclass
class Warehouse:
    """Built marts of one company."""

    connection: duckdb.DuckDBPyConnection
    out: Path
    systems: Sequence[str] = ("templates",)
    #: vars other than SETTINGS
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def drop(self) -> None:
        """Forgets a company that was built again under other vars."""
        name = self.one("select current_database()")
        self.connection.execute("use memory")
        self.connection.execute(f"detach {name}")

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, list(parameters)).fetchall()

    def one(self, query: str, *parameters: Any) -> Any:
        found = self.rows(query, *parameters)
        assert len(found) == 1, f"{len(found)} rows"
        return found[0][0] if len(found[0]) == 1 else found[0]

    def row(self, key: str, grain: str, period_end: str, segment: str | None = None) -> dict[str, Any]:
        """One row of fct_metric_values, of the company or of one segment."""
        dimension, member = ("all", "all") if segment is None else ("segment", segment)
        found = harness.metric(self.connection, key, grain, period_end, dimension, member)
        assert found is not None, f"no {key} for {grain} {period_end} {member}"
        return found

    def value(self, key: str, grain: str, period_end: str, segment: str | None = None) -> Decimal | None:
        value: Decimal | None = self.row(key, grain, period_end, segment)["value"]
        return value

    def mrr(self, month_end: str, segment: str | None = None) -> Decimal:
        """Recurring revenue at a month-end."""
        amount: Decimal = self.one(
            "select coalesce(sum(mrr_amount), 0) from marts.fct_customer_months inner join marts.dim_customers"
            " using (customer_id) where month_end = cast(? as date) and (cast(? as varchar) is null or segment = ?)",
            month_end, segment, segment,
        )  # fmt: skip
        return amount

    def movements(self, segment: str | None = None) -> dict[str, dict[str, Decimal]]:
        """Month → movement → amount (losses positive, as the words say), months without a movement left out."""
        found: dict[str, dict[str, Decimal]] = {}
        for month_end, movement, amount in self.rows(
            "select month_end, movement, sum(abs(mrr_change_amount)) from marts.fct_revenue_changes"
            " inner join marts.dim_customers using (customer_id)"
            " where movement <> 'transactional_loss' and (cast(? as varchar) is null or segment = ?)"
            " group by all order by all",
            segment, segment,
        ):  # fmt: skip
            found.setdefault(month_end.strftime("%Y-%m"), {})[movement] = amount
        return found

    def bridge(self, grain: str, period_end: str, segment: str | None = None) -> dict[str, Decimal]:
        """Opening, movements and closing of a period."""
        names = (
            "opening",
            "new",
            "reactivation",
            "expansion",
            "contraction",
            "churn",
            "fx_impact",
            "closing",
        )
        columns = [
            f"bridge_{name}_amount" if name in ("opening", "closing") else f"{name}_mrr_amount"
            for name in names
        ]
        amounts = self.one(
            f"select {', '.join(f'sum({column})' for column in columns)} from marts.fct_retention"
            " inner join marts.dim_customers using (customer_id)"
            " where period_grain = ? and period_end = cast(? as date) and (cast(? as varchar) is null or segment = ?)",
            grain, period_end, segment, segment,
        )  # fmt: skip
        return dict(zip(names, amounts, strict=True))


@dataclass
class Builder:
    """Builds companies, each in a folder of its own, and closes them at the end of the session."""

    folder: Path
    opened: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    def __call__(self, exports: Company | Mapping[str, Sequence[Row]], **overrides: Any) -> Warehouse:
        rows = exports.exports if isinstance(exports, Company) else exports
        place = self.folder / str(len(self.opened))
        for name, table in rows.items():
            harness.write_csv(place / "raw" / f"{name}.csv", table)
        return self.from_raw(place / "raw", **{"systems": ("templates",), **overrides})

    def from_raw(self, raw: Path, systems: Sequence[str], **overrides: Any) -> Warehouse:
        """Builds the exports in a folder."""
        out = self.folder / str(len(self.opened)) / "out"
        land(raw, out, list(systems), harness.PROJECT, lambda _line: None)
        variables = {**SETTINGS, **overrides}
        self.opened.append(harness.run_models(out, systems, self.folder / "compiled", **variables))
        return Warehouse(self.opened[-1], out, systems, overrides)

    def again(self, base: Warehouse, **changes: Any) -> Warehouse:
        """The same company under other vars: only what they change is built again."""
        out = self.folder / str(len(self.opened)) / "out"
        variables = {**SETTINGS, **base.overrides}
        self.opened.append(
            harness.rerun_models(
                base.connection,
                base.out,
                out,
                base.systems,
                self.folder / "compiled",
                changes,
                **variables,
            )
        )
        return Warehouse(self.opened[-1], out, base.systems, {**base.overrides, **changes})

    def close(self) -> None:
        for connection in self.opened:
            connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def month_ends(first: date, last: date) -> Iterator[date]:
    """Month-ends from the month of ``first`` to ``last``."""
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = date.fromordinal(date(year, month, 1).toordinal() - 1)
        if day > last:
            return
        yield day
